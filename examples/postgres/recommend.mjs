// Trains on the events of a PostgreSQL database and writes ten recommendations for every user back into it. The tables
// are those of schema.sql; where the database is says DATABASE_URL, or PGHOST, PGUSER and so on:
//   psql -f schema.sql && npm install && node recommend.mjs
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { readCatalogue, readInteractions, train } from 'llminit';
import pg from 'pg';
import { from, to } from 'pg-copy-streams';

const database = new pg.Client({ connectionString: process.env.DATABASE_URL });
await database.connect();
try {
  const data = await inTransaction('ISOLATION LEVEL REPEATABLE READ READ ONLY', readTables);
  const trained = await train(data);
  const recommender = await trained.recommender();
  const written = await inTransaction('', () => writeRecommendations(recommender, data.interactions.userIds));
  console.log(`${written} recommendations for ${data.interactions.userIds.length} users`);
} finally {
  await database.end();
}

/** Both tables as they are at one moment. */
async function readTables() {
  const events = `SELECT user_id, item_id, extract(epoch FROM at)::bigint AS timestamp FROM events
    ORDER BY at, user_id COLLATE "C", item_id COLLATE "C"`;
  const items = 'SELECT item_id, title, description FROM items ORDER BY item_id COLLATE "C"';
  const { interactions } = await readInteractions(copied(events), { name: 'events', format: 'csv' });
  const { catalogue } = await readCatalogue(copied(items), { name: 'items', format: 'csv' });
  return { interactions, catalogue };
}

/** The rows of a query, as CSV. */
function copied(query) {
  return database.query(to(`COPY (${query}) TO STDOUT (FORMAT csv, HEADER)`));
}

/** In the place of those before: readers see the old ones until all of the new ones are there. */
async function writeRecommendations(recommender, users) {
  await database.query('DELETE FROM recommendations');
  const table = from('COPY recommendations (user_id, place, item_id, score) FROM STDIN (FORMAT csv)');
  await pipeline(Readable.from(rows(recommender, users)), database.query(table));
  return table.rowCount;
}

async function* rows(recommender, users) {
  for await (const { person, items } of recommender.recommendMany(users, { k: 10 })) {
    const lines = items.map(({ id, score }, n) => `${quoted(person)},${n + 1},${quoted(id)},${score}\n`);
    yield lines.join('');
  }
}

function quoted(text) {
  return `"${text.replaceAll('"', '""')}"`;
}

async function inTransaction(mode, work) {
  await database.query(`BEGIN ${mode}`);
  try {
    const result = await work();
    await database.query('COMMIT');
    return result;
  } catch (error) {
    await database.query('ROLLBACK');
    throw error;
  }
}
