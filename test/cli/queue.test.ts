import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { embeddingServer } from '../embed/http/embeddingServer.ts';
import { Cli } from './runCli.ts';
import { csv, smallShop } from './smallShop.ts';

let cli: Cli;
beforeAll(async () => {
  cli = await Cli.create();
  cli.write('items.csv', 'item_id,title\na,one\nb,two\n');
});
afterAll(() => cli.remove());

const EMBED = ['embed', '--items', 'items.csv', '--embedder', 'http://127.0.0.1:9/v1', '--encoder', 'm'];
const OUT = ['--out', 'v.safetensors'];

describe('parts of a command', () => {
  it.each([
    [['--shard', '1/2', '--shards', '2'], '--shard: expected no --shards beside it, received both'],
    [['--shards', '2', '--merge', 'a', 'b'], '--shards: expected no --merge beside it, received both'],
    [['--redis', 'redis://127.0.0.1:9'], '--redis: expected --shards beside it, received none'],
    [['--queue', 'q'], '--queue: expected --redis beside it, received none'],
    [['--shards', '2'], 'JOB_COMPLETION_INDEX from 0 to 1 in the environment, received none'],
    [['--shards', '2', '--redis', 'redis://127.0.0.1:9', '--embedder', 'lexical'], 'expected one encoder'],
  ])('refuse %s', (flags, message) => {
    const { code, stderr } = cli.run(...EMBED, ...OUT, ...flags);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it.each(['2', '-1', 'x', ''])('refuse %s for the index of a pod', async (index) => {
    const { code, stderr } = await cli.answered([...EMBED, ...OUT, '--shards', '2'], {
      JOB_COMPLETION_INDEX: index,
    });
    expect(stderr).toContain(`received ${JSON.stringify(index)}`);
    expect(code).toBe(2);
  });

  it('are chosen by the index of a pod', async () => {
    const server = await embeddingServer();
    const embed = ['embed', '--items', 'items.csv', '--embedder', server.url, '--encoder', 'm', '--quiet'];
    const whole = ['--out', 'whole.safetensors'];
    expect(await cli.answered([...embed, ...whole])).toMatchObject({ code: 0 });
    for (const index of ['0', '1']) {
      const args = [...embed, '--shards', '2', '--out', `part-${index}.safetensors`];
      expect(await cli.answered(args, { JOB_COMPLETION_INDEX: index })).toMatchObject({ code: 0 });
    }
    await server.close();
    cli.run('embed', '--merge', 'part-1.safetensors', 'part-0.safetensors', '--out', 'joined.safetensors');
    expect(Buffer.compare(cli.read('joined.safetensors'), cli.read('whole.safetensors'))).toBe(0);
  });

  it('of a closed form join to the model of one run, and belong to its data and options', () => {
    const { interactions, items } = smallShop();
    cli.write('ratings.csv', csv(['user_id', 'item_id', 'rating', 'timestamp'], interactions));
    cli.write('shop.csv', csv(['item_id', 'title', 'about'], items));
    const train = (...more: string[]) => {
      const data = ['--interactions', 'ratings.csv', '--items', 'shop.csv', '--model', 'l3ae'];
      return cli.run('train', ...data, '--quiet', ...more);
    };
    const part = (n: number) => `part-${n}.safetensors`;
    expect(train('--out', 'whole.safetensors')).toMatchObject({ code: 0, stderr: '' });
    for (const n of [1, 2, 3]) {
      const { stdout } = train('--shard', `${n}/3`, '--out', part(n));
      expect(stdout).toContain(`wrote ${part(n)}: the items of shard ${n}/3`);
    }
    const parts = [part(3), part(1), part(2)];
    expect(train('--merge', ...parts, '--out', 'joined.safetensors')).toMatchObject({ code: 0 });
    expect(Buffer.compare(cli.read('joined.safetensors'), cli.read('whole.safetensors'))).toBe(0);

    const refused = (message: string, ...more: string[]) => {
      const { code, stderr } = train(...more, '--out', 'refused.safetensors');
      expect(stderr).toContain(message);
      expect(code).not.toBe(0);
      expect(cli.has('refused.safetensors')).toBe(false);
    };
    refused('expected all 3 shards, received 2: 2/3 missing', '--merge', part(3), part(1));
    refused('received 1/3 twice', '--merge', part(1), part(1), part(2), part(3));
    refused(
      'expected a shard of these data and options, received one of others',
      '--merge',
      ...parts,
      '--seed',
      '3',
    );
    refused('expected a shard, received a file without its mark', '--merge', 'whole.safetensors');
    refused('--shard: expected --model l3ae beside it, received ease', '--model', 'ease', '--shard', '1/3');
    refused('--shard: expected no --checkpoint', '--shard', '1/3', '--checkpoint', 'c.ckpt');
  });

  it('say which packages a queue needs', () => {
    const { code, stderr } = cli.run('worker', '--redis', 'redis://127.0.0.1:9');
    expect(stderr).toContain('Install them: npm install bullmq ioredis');
    expect(code).toBe(1);
  });
});
