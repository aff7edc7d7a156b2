// DuckDB's part of the whole way: reading and filtering, in one thread.
import { report, Stages } from '../whole/stages.mjs';

const { inter, minRating, kCore, key } = JSON.parse(process.argv[2]);
const stages = new Stages();
const { DuckDBInstance } = await import('@duckdb/node-api');
const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
const connection = await instance.connect();
stages.end('start');
if (key === 'gowalla') {
  await connection.run(`create table rows as select words[1] as user, unnest(words[2:]) as item
    from (select string_split(line, ' ') as words from read_csv('${inter}', columns = {line: 'varchar'}, header = false, delim = '\\t'))`);
} else {
  await connection.run(
    `create table rows as select * from read_csv('${inter}', delim = '\\t', header = true, types = {'user_id:token': 'varchar', 'item_id:token': 'varchar'})`,
  );
  await connection.run(`alter table rows rename "user_id:token" to user`);
  await connection.run(`alter table rows rename "item_id:token" to item`);
}
stages.end('read');
if (minRating !== undefined) await connection.run(`delete from rows where "rating:float" < ${minRating}`);
await connection.run('create table core as select distinct user, item from rows');
for (let before = -1, count = 0; kCore && count !== before; ) {
  before = count;
  for (const column of ['user', 'item'])
    await connection.run(
      `delete from core where ${column} in (select ${column} from core group by ${column} having count(*) < ${kCore})`,
    );
  count = Number((await connection.runAndReadAll('select count(*) from core')).getRows()[0][0]);
}
await connection.run(
  'create table numbered as select dense_rank() over (order by user) as u, dense_rank() over (order by item) as i from core',
);
stages.end('filter');
report({ stages: stages.stages, curve: [], valid: null, complete: true });
