import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { load } from '../../src/runtime/load.ts';
import { PURPOSE, Random } from '../../src/runtime/random.ts';
import { encodeModel, type ModelData, Recommender } from '../../src/serve.ts';
import { output } from './child.ts';
import { freePort, PGVECTOR, PgvectorServer } from './pgvectorServer.ts';
import { PostgresServer, SERVER_PROGRAM } from './postgresServer.ts';
import { describeOn, importTool, toolPath } from './tools.ts';

const DRIVER = ['pg', 'pg-copy-streams'];
const DIM = 32;

interface Database {
  connect(): Promise<void>;
  query(text: string, values?: readonly unknown[]): Promise<{ rows: { id: string; score: number }[] }>;
  end(): Promise<void>;
}

describeOn('PostgreSQL 18 with pgvector', [PGVECTOR, SERVER_PROGRAM, ...DRIVER.map(toolPath)], () => {
  const folder = join(inject('consumer'), 'pgvector');
  const model = clusteredModel(4000, 300);
  let server: PgvectorServer;
  let database: Database;
  let recommender: Recommender;

  beforeAll(async () => {
    mkdirSync(folder);
    cpSync(join(inject('consumer'), 'node_modules'), join(folder, 'node_modules'), { recursive: true });
    for (const name of DRIVER) symlinkSync(toolPath(name), join(folder, 'node_modules', name));
    writeFileSync(join(folder, 'model.safetensors'), encodeModel(model));
    recommender = new Recommender(model, await load());
    server = await PgvectorServer.start();
    const { default: pg } = await importTool<{ default: { Client: new (options: object) => Database } }>(
      'pg',
    );
    database = new pg.Client({ connectionString: server.url() });
    await database.connect();
  }, 240_000);
  afterAll(async () => {
    recommender?.close();
    await database?.end();
    await server?.stop();
  });

  const exported = (...args: string[]) => {
    const cli = join(folder, 'node_modules/llminit/dist/cli.js');
    return output(process.execPath, [cli, 'export', 'model.safetensors', '--to', 'postgres', ...args], {
      cwd: folder,
    });
  };
  const query = (file: string) => readFileSync(join(folder, 'shop', file), 'utf8');
  const titles = async () =>
    (await database.query('SELECT DISTINCT title AS id FROM shop.items')).rows.length;

  it('gives our lists of ten from the script for psql, without an index', async () => {
    await exported('--out', 'shop', '--schema', 'shop', '--no-index');
    const { status, stderr } = server.psql(query('load.sql'));
    expect([status, stderr]).toEqual([0, '']);
    for (const user of model.userIds) {
      const { rows } = await database.query(query('user.sql'), [user, 10]);
      const expected = recommender.recommend(user, { k: 10 });
      expect(rows.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
      for (const [n, { score }] of expected.entries()) expect(rows[n].score).toBeCloseTo(score, 4);
    }
    for (const item of model.itemIds.slice(0, 50)) {
      const { rows } = await database.query(query('similar.sql'), [item, 10]);
      expect(rows.map(({ id }) => id)).toEqual(recommender.similarItems(item, { k: 10 }).map(({ id }) => id));
    }
  }, 120_000);

  it.each(['vector', 'halfvec'])(
    'finds nine of ten of them by HNSW on %s, loaded over the network',
    async (vectors) => {
      await exported('--out', 'shop', '--schema', 'shop', '--vectors', vectors, '--database', server.url());
      await database.query('SET hnsw.iterative_scan = strict_order');
      await database.query('SET hnsw.ef_search = 100');
      await database.query('SET enable_seqscan = off');
      const plan = await database.query(
        `EXPLAIN ${query('user.sql').replaceAll('$1', "'u1'").replaceAll('$2', '10')}`,
      );
      expect(JSON.stringify(plan.rows)).toContain('items_factors_ip');
      let found = 0;
      for (const user of model.userIds) {
        const { rows } = await database.query(query('user.sql'), [user, 10]);
        const ids = new Set(rows.map(({ id }) => id));
        found += recommender.recommend(user, { k: 10 }).filter(({ id }) => ids.has(id)).length;
      }
      expect(found / (10 * model.userIds.length)).toBeGreaterThan(0.9);
      await database.query('RESET ALL');
    },
    120_000,
  );

  it('keeps the earlier model when the connection breaks in the midst of a COPY, and says so', async () => {
    await exported('--out', 'shop', '--schema', 'shop', '--no-index', '--database', server.url());
    const renamed = { ...model, itemTitles: model.itemIds.map(() => 'new') };
    writeFileSync(join(folder, 'model.safetensors'), encodeModel(renamed));
    const before = await titles();
    const broken = await cutOff(server.port, 300_000);
    const failed = exported('--out', 'shop', '--schema', 'shop', '--database', server.url(broken.port));
    await expect(failed).rejects.toThrow(
      /127\.0\.0\.1:\d+\/postgres: expected it to do "COPY "shop_loading"\.items .*nothing was changed\. The server stopped/,
    );
    broken.server.close();
    expect(await titles()).toBe(before);
    const script = query('load.sql');
    server.psql(script.slice(0, script.length / 2));
    expect(await titles()).toBe(before);
    await exported('--out', 'shop', '--schema', 'shop', '--no-index', '--database', server.url());
    expect(await titles()).toBe(1);
  }, 120_000);

  it('says what is wrong with a server that is not there, or does not let one in', async () => {
    const port = await freePort();
    await expect(exported('--out', 'a', '--database', server.url(port))).rejects.toThrow(
      `127.0.0.1:${port}/postgres: expected a PostgreSQL server, received connect ECONNREFUSED`,
    );
    const other = `postgres://tester:secret@127.0.0.1:${server.port}/gone`;
    const refused = await exported('--out', 'a', '--database', other).catch((error: Error) => error.message);
    expect(refused).toMatch(
      /\/gone: expected to be let in, received database "gone" does not exist; nothing was changed/,
    );
    expect(refused.slice(refused.indexOf('status'))).not.toContain('secret');
    await expect(exported('--out', 'a', '--database', 'shop')).rejects.toThrow(
      'expected an address such as postgres://',
    );
  }, 60_000);

  it('asks for pgvector where a server lacks it', async () => {
    const plain = await PostgresServer.start();
    const url = `postgres://tester@${encodeURIComponent(plain.environment.PGHOST)}/postgres`;
    const failed = await exported('--out', 'a', '--database', url).catch((error: Error) => error.message);
    await plain.stop();
    expect(failed).toMatch(
      /expected a server with the extension vector, received .*Install pgvector on the server/,
    );
  }, 60_000);

  it('names the packages where they are missing', async () => {
    const cli = join(inject('consumer'), 'node_modules/llminit/dist/cli.js');
    const args = [
      'export',
      'model.safetensors',
      '--to',
      'postgres',
      '--out',
      'a',
      '--database',
      server.url(),
    ];
    await expect(output(process.execPath, [cli, ...args], { cwd: folder })).rejects.toThrow(
      'Install them: npm install pg pg-copy-streams',
    );
  }, 60_000);
});

/** A way to a port that breaks after so many bytes have gone there. */
async function cutOff(target: number, bytes: number): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => {
    const there = connect(target, '127.0.0.1');
    let sent = 0;
    socket.on('data', (chunk) => {
      sent += chunk.length;
      there.write(chunk);
      if (sent < bytes) return;
      socket.destroy();
      there.destroy();
    });
    there.on('data', (chunk) => socket.write(chunk));
    for (const end of [socket, there])
      end.on('error', () => {}).on('close', () => [socket, there].map((it) => it.destroy()));
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { server, port };
}

/** Items around 40 centres, users beside one of them, who have ten items each. */
function clusteredModel(items: number, users: number): ModelData {
  const random = new Random(9, PURPOSE.synthetic);
  const noise = (scale: number) => scale * (random.uniform() + random.uniform() + random.uniform() - 1.5);
  const centres = Array.from({ length: 40 }, () => Array.from({ length: DIM }, () => noise(1)));
  const table = (rows: number, spread: number) =>
    Float32Array.from(
      { length: rows * DIM },
      (_, n) => centres[Math.floor(n / DIM) % 40][n % DIM] + noise(spread),
    );
  const rowPtr = Int32Array.from({ length: users + 1 }, (_, n) => 10 * n);
  const first = (user: number) => (user * 37) % (items - 400);
  return {
    userIds: Array.from({ length: users }, (_, n) => `u${n}`),
    itemIds: Array.from({ length: items }, (_, n) => `i${n}`),
    itemTitles: Array.from({ length: items }, (_, n) => `Title ${n}`),
    dim: DIM,
    userFactors: table(users, 0.8),
    itemFactors: table(items, 0.8),
    itemDegrees: new Int32Array(items),
    seen: {
      rowPtr,
      colIdx: Int32Array.from({ length: 10 * users }, (_, n) => first(Math.floor(n / 10)) + 40 * (n % 10)),
    },
    ...{ config: {}, metrics: {} },
  };
}
