// A recommender that learns: a Durable Object holds the model that is part of the Worker, and in its SQLite database the
// journal of what people did since. An event is acknowledged when it is stored; a new object replays the journal.
import { DurableObject } from 'cloudflare:workers';
import { createHandler, replay, withoutUser } from 'llminit/http';
import { Recommender } from 'llminit/serve';
import model from './model.bin';

export class LivingRecommender extends DurableObject {
  constructor(state, env) {
    super(state, env);
    const journal = new SqlJournal(state.storage);
    this.handler = createHandler(
      async () => {
        const recommender = await Recommender.open(model);
        replay(recommender, journal.records());
        return recommender;
      },
      // Without a token everyone may send events; with one, everything asks for it, and items and people can be changed.
      { journal, token: env.TOKEN },
    );
  }

  fetch(request) {
    return this.handler(request);
  }
}

/** The journal as a table of a Durable Object. */
class SqlJournal {
  constructor(storage) {
    this.storage = storage;
    storage.sql.exec('CREATE TABLE IF NOT EXISTS journal (id INTEGER PRIMARY KEY, record TEXT NOT NULL)');
  }

  *records() {
    const rows = this.storage.sql.exec('SELECT record FROM journal ORDER BY id');
    for (const { record } of rows) yield JSON.parse(record);
  }

  async append(records) {
    this.storage.transactionSync(() => {
      for (const record of records)
        this.storage.sql.exec('INSERT INTO journal (record) VALUES (?)', JSON.stringify(record));
    });
    await this.storage.sync();
  }

  async erase(user) {
    const { sql } = this.storage;
    this.storage.transactionSync(() => {
      for (const { id, record } of sql.exec('SELECT id, record FROM journal').toArray()) {
        const left = withoutUser(JSON.parse(record), user);
        if (left === null) sql.exec('DELETE FROM journal WHERE id = ?', id);
        else sql.exec('UPDATE journal SET record = ? WHERE id = ?', JSON.stringify(left), id);
      }
    });
    await this.storage.sync();
  }
}

export default {
  fetch(request, { LIVING }) {
    return LIVING.get(LIVING.idFromName('model')).fetch(request);
  },
};
