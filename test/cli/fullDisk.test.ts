import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { embeddingServer } from '../embed/http/embeddingServer.ts';
import { Cli } from './runCli.ts';
import { csv, smallShop } from './smallShop.ts';

const { interactions, items } = smallShop();
const DATA = '--interactions ratings.csv --items products.csv';
const QUICK = '--init xavier --dim 8 --epochs 2 --quiet';
let cli: Cli;

beforeAll(async () => {
  cli = await Cli.create();
  cli.write('ratings.csv', csv(['user_id', 'item_id', 'rating', 'timestamp'], interactions));
  cli.write('products.csv', csv(['item_id', 'title', 'text'], items));
  expect(cli.run(...`train ${DATA} ${QUICK} --out model.safetensors`.split(' ')).code).toBe(0);
});
afterAll(() => cli.remove());

/** Every writer, with the file that a failure must leave as it was. */
const WRITERS: Readonly<Record<string, string>> = {
  'out.safetensors': `train ${DATA} ${QUICK} --out out.safetensors`,
  'run.ckpt': `train ${DATA} ${QUICK} --checkpoint run.ckpt --epochs 20 --out other.safetensors`,
  'users.csv': `evaluate ${DATA} ${QUICK} --seeds 0 --per-user users.csv`,
  'runs.json': `evaluate ${DATA} ${QUICK} --seeds 0,1,2 --results runs.json`,
  'vectors.safetensors': 'embed --items products.csv --out vectors.safetensors',
  'tables.items.npy': 'export model.safetensors --out tables',
  'small.safetensors': 'export model.safetensors --out small.safetensors --to int8',
  'lists.csv': 'recommend model.safetensors --all --out lists.csv',
};

/** A limit on the size of files stands for a disk that is full; programs hear of it as a failed write. */
const FULL = "trap '' XFSZ; ulimit -f 1 2>/dev/null || exit 9;";

/** The beginning of a checkpoint, which an earlier run has left. */
const CHECKPOINT = '{"__metadata__":{"format":"llminit-checkpoint"}}';

/** Of results, too: other runs in a file that is shared. */
const THERE = '{"format":"llminit-results","version":"1","runs":[]}';

it.each(Object.entries(WRITERS))('a full disk leaves %s as it was, and says so', (file, line) => {
  const there = file === 'run.ckpt' ? CHECKPOINT : THERE;
  cli.write(file, there);
  const before = cli.files();
  const { code, stderr } = cli.shell(`${FULL} llminit ${line}`);
  expect({ code, stderr }).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/received a limit on the size of files/),
  });
  expect(stderr).not.toMatch(/internal error| {4}at /);
  expect(readFileSync(join(cli.folder, file), 'utf8')).toBe(there);
  expect(cli.files().filter((name) => name.endsWith('.tmp') || name.endsWith('.lock'))).toEqual([]);
  expect(cli.files()).toEqual(before);
});

it('a full disk while vectors go into the cache leaves those of earlier runs, and nothing half written', async () => {
  const server = await embeddingServer();
  try {
    const some = (count: number) =>
      csv(
        ['item_id', 'title'],
        Array.from({ length: count }, (_, n) => [`i${n}`, `thing ${n}`]),
      );
    const embed = `embed --items many.csv --embedder ${server.url} --encoder m --quiet --cache cache --out many.safetensors`;
    cli.write('many.csv', some(150));
    expect(await cli.shellAnswered(`llminit ${embed}`)).toMatchObject({ code: 0 });
    const kept = readdirSync(join(cli.folder, 'cache'));
    const before = cli.read('many.safetensors');
    cli.write('many.csv', some(400));
    const { code, stderr } = await cli.shellAnswered(`${FULL} llminit ${embed}`);
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/cache.*received a limit on the size of files/),
    });
    expect(readdirSync(join(cli.folder, 'cache'))).toEqual(kept);
    expect(cli.read('many.safetensors')).toEqual(before);
    server.requests.length = 0;
    expect(await cli.shellAnswered(`llminit ${embed}`)).toMatchObject({ code: 0 });
    expect(server.requests.flatMap(({ body }) => body.input)).toHaveLength(250);
  } finally {
    await server.close();
  }
});
