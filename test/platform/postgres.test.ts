import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { output } from './child.ts';
import { PostgresServer, SERVER_PROGRAM } from './postgresServer.ts';
import { describeOn, toolPath } from './tools.ts';

const examples = fileURLToPath(new URL('../../examples/', import.meta.url));
const DRIVER = ['pg', 'pg-copy-streams'];

const WRITTEN = 'SELECT * FROM recommendations ORDER BY user_id, place';

describeOn('examples/postgres', [SERVER_PROGRAM, ...DRIVER.map(toolPath)], () => {
  const folder = join(inject('consumer'), 'example-postgres');
  let server: PostgresServer;

  beforeAll(async () => {
    cpSync(join(examples, 'postgres'), folder, { recursive: true });
    // As if the example had been installed.
    cpSync(join(inject('consumer'), 'node_modules'), join(folder, 'node_modules'), { recursive: true });
    for (const name of DRIVER) symlinkSync(toolPath(name), join(folder, 'node_modules', name));
    server = await PostgresServer.start();
    await server.sql(readFileSync(join(folder, 'schema.sql'), 'utf8'));
    await server.copy('items', join(examples, 'data/books.csv'));
    await server.copy('events (user_id, item_id)', join(examples, 'data/loans.csv'));
  });
  afterAll(() => server?.stop());

  const run = () => output(process.execPath, ['recommend.mjs'], { cwd: folder, env: server.environment });

  it('writes ten items for every user, none of which the user has', async () => {
    const [{ users }] = await server.sql<{ users: number }>(
      'SELECT count(DISTINCT user_id)::int AS users FROM events',
    );
    expect(await run()).toBe(`${users * 10} recommendations for ${users} users\n`);
    const counts = await server.sql(`SELECT count(*)::int AS rows, count(DISTINCT place)::int AS places
      FROM recommendations GROUP BY user_id`);
    expect(counts).toEqual(Array.from({ length: users }, () => ({ rows: 10, places: 10 })));
    expect(await server.sql('SELECT 1 FROM recommendations JOIN events USING (user_id, item_id)')).toEqual(
      [],
    );
  });

  it('replaces what it wrote, with new events and with ids that CSV has to quote', async () => {
    const before = await server.sql(WRITTEN);
    await run();
    expect(await server.sql(WRITTEN)).toEqual(before);
    await server.sql(
      `INSERT INTO events (user_id, item_id) VALUES ${['b01', 'b02', 'b05']
        .map((item) => `('O"Brien, Ann', '${item}')`)
        .join()}`,
    );
    await run();
    const places = `SELECT count(*)::int AS rows FROM recommendations WHERE user_id = 'O"Brien, Ann'`;
    expect(await server.sql(places)).toEqual([{ rows: 10 }]);
  });

  it('leaves what it wrote when a run fails', async () => {
    const before = await server.sql(WRITTEN);
    // The new rows meet the old ones.
    await server.sql('CREATE RULE keep AS ON DELETE TO recommendations DO INSTEAD NOTHING');
    await expect(run()).rejects.toThrow(/duplicate key/);
    expect(before).not.toEqual([]);
    expect(await server.sql(WRITTEN)).toEqual(before);
  });
});
