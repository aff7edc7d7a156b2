import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { version } from '../../package.json' with { type: 'json' };
import { decodeCheckpoint, decodeModel, Recommender } from '../../src/index.ts';
import { Cli } from './runCli.ts';
import { csv, smallShop } from './smallShop.ts';

const { interactions, items } = smallShop();
let cli: Cli;
const inputs = ['--interactions', 'ratings.csv', '--items', 'products.csv'];
const small = ['--dim', '8', '--batch', '32', '--epochs', '4', '--patience', '10'];

beforeAll(async () => {
  cli = await Cli.create();
  cli.write('ratings.csv', csv(['user_id', 'item_id', 'rating', 'timestamp'], interactions));
  cli.write('products.csv', csv(['item_id', 'title', 'description'], items));
});
afterAll(() => cli.remove());

describe('train', () => {
  it('writes a model that names its options, its data and its results', () => {
    const filters = ['--min-rating', '4', '--k-core', '2'];
    const { code, stdout } = cli.run('train', ...inputs, ...small, ...filters, '--out', 'a.safetensors');
    expect(code).toBe(0);
    expect(stdout).toMatch(/lightgcn, 2 layers, dim 8, init auto, protocol standard, seed 2020/);
    const model = decodeModel(cli.read('a.safetensors'), 'a');
    expect(model.config).toMatchObject({
      init: 'auto',
      dim: 8,
      batchSize: 32,
      protocol: 'standard',
      llminit: version,
    });
    expect(model.config.embeddings).toMatchObject({ source: expect.stringMatching(/^lexical/) });
    expect(model.metrics).toMatchObject({ epochs: 4, stoppedBy: 'epochs', testUsers: model.userIds.length });
    expect(model.itemTitles?.[model.itemIds.indexOf('i4')]).toBe(items[4][1]);
  });

  it('keeps the inverse of EASE, says its size, and refuses it beside other models before it reads anything', async () => {
    const ease = ['--interactions', 'ratings.csv', '--model', 'ease'];
    const args = [...ease, '--keep-inverse', '--out', 'kept.safetensors', '--quiet'];
    const { stdout } = cli.run('train', ...args);
    const { inverse, itemIds } = decodeModel(cli.read('kept.safetensors'), 'kept');
    expect(inverse!.values.length).toBe((itemIds.length * (itemIds.length + 1)) / 2);
    expect(stdout).toMatch(/wrote kept\.safetensors \(\d+ bytes, \d+ of them the inverse\)/);
    expect(JSON.parse(cli.run('train', ...args, '--json').stdout).inverseBytes).toBeGreaterThan(
      inverse!.values.byteLength,
    );
    expect(cli.run('inspect', 'kept.safetensors').stdout).toMatch(/inverse\.values/);
    const recommender = await Recommender.open(cli.read('kept.safetensors'));
    recommender.addInteractions([{ user: 'new', item: itemIds[0] }]);
    expect(recommender.model.inverse!.values).not.toEqual(inverse!.values);
    for (const model of [['--model', 'l3ae'], []]) {
      const refused = cli.run(
        'train',
        '--interactions',
        'none.csv',
        ...model,
        '--keep-inverse',
        '--out',
        'x',
      );
      expect(refused.code).toBe(2);
      expect(refused.stderr).toContain('--keep-inverse: expected --model ease beside it');
    }
  });

  it('reports on stderr what each filter left and keeps stdout for the document of --json', () => {
    const args = [
      'train',
      ...inputs,
      ...small,
      '--min-rating',
      '4',
      '--k-core',
      '2',
      '--out',
      'b.safetensors',
      '--json',
    ];
    const { stdout, stderr } = cli.run(...args);
    const { data, metrics, history, config } = JSON.parse(stdout);
    // Of repeated pairs the last row counts, before ratings are looked at.
    const pairs = new Map(interactions.map(([user, item, rating]) => [`${user} ${item}`, Number(rating)]));
    const kept = [...pairs.values()].filter((rating) => rating >= 4).length;
    expect(data.files[0]).toMatchObject({
      lines: interactions.length,
      duplicates: interactions.length - pairs.size,
      belowRating: pairs.size - kept,
    });
    expect(data.stages[0].interactions).toBe(kept);
    expect(stderr).toContain(
      `after rating ≥ 4: 40 users, ${data.stages[0].items} items, ${kept} interactions`,
    );
    expect(stderr).toMatch(/after 2-core: \d+ users/);
    expect(history).toHaveLength(4);
    // Chance is 10 of the 19 items that are left of 24.
    expect(metrics.test['recall@10']).toBeGreaterThan(0.65);
    expect(config.data.interactions).toBe(data.interactions);
  });

  it('gives the bytes of one thread with two', () => {
    for (const threads of ['1', '2']) {
      const options = [
        '--init',
        'xavier',
        '--epochs',
        '2',
        '--threads',
        threads,
        '--out',
        `t${threads}.safetensors`,
      ];
      expect(cli.run('train', ...inputs, ...options).code).toBe(0);
    }
    expect(cli.read('t2.safetensors')).toEqual(cli.read('t1.safetensors'));
  });

  it('gives the same bytes for the same seed and others for another seed', () => {
    for (const [seed, out] of [
      ['1', 's1'],
      ['1', 's1again'],
      ['2', 's2'],
    ]) {
      expect(cli.run('train', ...inputs, ...small, '--seed', seed, '--quiet', '--out', out).code).toBe(0);
    }
    expect(cli.read('s1again')).toEqual(cli.read('s1'));
    expect(cli.read('s2')).not.toEqual(cli.read('s1'));
  });

  it('reads a CSV with other names in another order, and JSON lines', () => {
    const swapped = interactions.map(([user, item, rating, time]) => [time, rating, item, user]);
    cli.write('other.csv', csv(['when', 'stars', 'product', 'who'], swapped));
    cli.write(
      'other.jsonl',
      interactions.map(([user_id, item_id]) => `${JSON.stringify({ item_id, user_id })}\n`).join(''),
    );
    const columns = [
      '--user-column',
      'who',
      '--item-column',
      'product',
      '--rating-column',
      'stars',
      '--timestamp-column',
      'when',
    ];
    const named = ['--interactions', 'other.csv', ...columns, '--min-rating', '4', '--order', 'time'];
    const plain = ['--interactions', 'ratings.csv', '--min-rating', '4', '--order', 'time'];
    const factorsOf = (out: string, args: string[]) => {
      expect(cli.run('train', ...args, '--init', 'xavier', ...small, '--quiet', '--out', out).code).toBe(0);
      return decodeModel(cli.read(out), out).itemFactors;
    };
    expect(factorsOf('other', named)).toEqual(factorsOf('plain', plain));
    expect(factorsOf('jsonl', ['--interactions', 'other.jsonl'])).toHaveLength(24 * 8);
  });

  it('trains on a ready-made split and keeps all its items as seen', () => {
    const unique = [...new Set(interactions.map(([user, item]) => `${user},${item}`))].map((pair) =>
      pair.split(','),
    );
    const part = (wanted: number) =>
      unique.filter((_, n) => (n % 6 === 5 ? 2 : n % 6 === 4 ? 1 : 0) === wanted);
    for (const [n, name] of ['train', 'valid', 'test'].entries())
      cli.write(`${name}.csv`, csv(['user_id', 'item_id'], part(n)));
    const files = ['--train', 'train.csv', '--valid', 'valid.csv', '--test', 'test.csv'];
    const { code } = cli.run('train', ...files, '--init', 'xavier', ...small, '--out', 'ready');
    expect(code).toBe(0);
    const model = decodeModel(cli.read('ready'), 'ready');
    expect(model.seen?.colIdx).toHaveLength(unique.length);
    const user = model.userIds.indexOf('u3');
    const seen = model.seen?.colIdx.subarray(model.seen.rowPtr[user], model.seen.rowPtr[user + 1]) ?? [];
    expect(Array.from(seen, (item) => model.itemIds[item]).sort()).toEqual(
      unique
        .filter(([who]) => who === 'u3')
        .map(([, item]) => item)
        .sort(),
    );
  });

  it('leaves out items without text only when asked, and counts them', () => {
    cli.write(
      'gaps.csv',
      csv(
        ['item_id', 'title', 'description'],
        items.map((row, n) => (n === 3 ? [row[0], '', ''] : row)),
      ),
    );
    const args = ['train', '--interactions', 'ratings.csv', '--items', 'gaps.csv', ...small, '--out', 'gaps'];
    const { embeddings } = cli.json<{ embeddings: object }>(...args, '--on-missing-text', 'skip');
    expect(embeddings).toMatchObject({
      withoutText: { count: 1, first: ['i3'] },
      withoutVector: { count: 1, first: ['i3'] },
    });
  });

  it('takes vectors of a file that embed wrote, with the same result as computing them', () => {
    expect(
      cli.run('embed', '--items', 'products.csv', '--lexical-dim', '12', '--out', 'v.safetensors').code,
    ).toBe(0);
    const fromFile = ['--embedder', 'v.safetensors', '--init', 'pca'];
    const computed = ['--lexical-dim', '12', '--init', 'pca'];
    for (const [out, extra] of [
      ['file', fromFile],
      ['computed', computed],
    ] as const) {
      const args = ['train', ...inputs, ...small, ...extra, '--quiet', '--out', out];
      expect(cli.run(...args).code).toBe(0);
    }
    const [a, b] = ['file', 'computed'].map((out) => decodeModel(cli.read(out), out));
    expect(a.config.embeddings).toMatchObject({ width: 12, itemsWithVector: 24 });
    expect(Math.abs(Number(a.metrics.lossLast) - Number(b.metrics.lossLast))).toBeLessThan(1e-3);
  });

  it('goes on after Ctrl-C to the same bytes as without it', async () => {
    const args = ['train', ...inputs, '--dim', '8', '--batch', '4', '--patience', '1000000'];
    const child = cli.start(...args, '--epochs', '1000000', '--checkpoint', 'run.ckpt', '--out', 'stopped');
    let stderr = '';
    child.stderr?.on('data', (chunk) => {
      stderr += chunk;
      if (/train \(trial 2 of 3\) epoch/.test(stderr) && !child.killed) child.kill('SIGINT');
    });
    const [code] = await once(child, 'close');
    expect(code).toBe(130);
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      'llminit: interrupted: the state is in run.ckpt; go on with the same command and --resume',
    );
    expect(cli.has('stopped')).toBe(false);
    const epochs = ['--epochs', `${decodeCheckpoint(cli.read('run.ckpt'), 'run.ckpt').epoch + 3}`];
    const whole = cli.run(...args, ...epochs, '--quiet', '--out', 'whole');
    const resumed = cli.run(
      ...args,
      ...epochs,
      '--quiet',
      '--checkpoint',
      'run.ckpt',
      '--resume',
      '--out',
      'resumed',
    );
    expect([whole.code, resumed.code]).toEqual([0, 0]);
    expect(cli.read('resumed')).toEqual(cli.read('whole'));
  });

  it('refuses to go on from a checkpoint of another init', () => {
    const args = [
      'train',
      ...inputs,
      ...small,
      '--epochs',
      '10',
      '--checkpoint',
      'v.ckpt',
      '--quiet',
      '--out',
      'v',
    ];
    expect(cli.run(...args).code).toBe(0);
    const { code, stderr } = cli.run(...args, '--init', 'random', '--resume');
    expect(code).toBe(1);
    expect(stderr).toMatch(/expected a checkpoint of this run \(init random\), received one with init auto/);
  });
});
