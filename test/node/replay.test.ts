import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Interactions } from '../../src/data/interactions.ts';
import { leaveOneOut } from '../../src/data/splits.ts';
import { ease } from '../../src/models/closed/ease.ts';
import { keptInverse } from '../../src/models/closed/keptInverse.ts';
import { FileJournal } from '../../src/node/journal.ts';
import { type JournalRecord, replay, withoutUser } from '../../src/serve/http/events.ts';
import { createHandler } from '../../src/serve/http/handler.ts';
import { encodeModel } from '../../src/serve/modelFile/encode.ts';
import { Recommender } from '../../src/serve/recommender.ts';
import { modelFrom } from '../../src/train/trainedModel.ts';

const folder = mkdtempSync(join(tmpdir(), 'llminit-replay-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const split = leaveOneOut(
  Interactions.from(
    Array.from({ length: 400 }, (_, n) => ({ user: `u${n % 40}`, item: `i${(n * 7 + (n % 11)) % 30}` })),
  ),
);
const { numUsers, numItems } = split.train;
const factors = {
  users: Float32Array.from({ length: numUsers * 4 }, (_, n) => (n % 5) - 2),
  items: Float32Array.from({ length: numItems * 4 }, (_, n) => (n % 7) - 3),
  dim: 4,
};
const FILES: Record<string, () => Promise<Uint8Array>> = {
  factors: async () => encodeModel(modelFrom(split, factors)),
  'a kept inverse': async () =>
    encodeModel(modelFrom(split, await ease(split.train), { inverse: await keptInverse(split.train) })),
};

/** A service on a model file and a journal, as `llminit serve` has it. */
async function service(file: Uint8Array, path: string) {
  const { journal, records, cutBytes } = await FileJournal.open<JournalRecord>(path);
  const recommender = await Recommender.open(file);
  replay(recommender, records);
  const kept = {
    append: (added: readonly JournalRecord[]) => journal.append(added),
    erase: (user: string) => journal.rewrite((record) => withoutUser(record, user)),
  };
  const handler = createHandler(recommender, { journal: kept, token: 't' });
  const send = async (way: 'events' | 'changes', body: object) => {
    const headers = { 'content-type': 'application/json', authorization: 'Bearer t' };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    expect((await handler(new Request(`http://x/v1/${way}`, init))).status).toBe(200);
  };
  return { recommender, journal, cutBytes, records, send };
}

const event = (n: number) => ({ user: `u${(n * 3) % 47}`, item: `i${(n * 5) % 30}`, time: n });

describe.each(Object.entries(FILES))('a service on a model of %s', (name, fileOf) => {
  it.each([1, 9, 10, 40])(
    'killed with %s bytes of a record missing, reopened and used again, holds the bytes of a clean replay',
    async (missing) => {
      const file = await fileOf();
      const path = join(folder, `${name}-${missing}.jsonl`);
      const first = await service(file, path);
      for (let n = 0; n < 12; n++) await first.send('events', { events: [event(n), event(n + 50)] });
      await first.send('changes', { change: { op: 'hideItems', ids: ['i4'], hidden: true } });
      await first.send('changes', { change: { op: 'removeItems', ids: ['i7'] } });
      await first.send('events', { events: [event(60)] });
      await first.journal.close();
      truncateSync(path, statSync(path).size - missing);

      const second = await service(file, path);
      expect(second.cutBytes).toBeGreaterThan(0);
      expect(second.records).toHaveLength(26);
      for (let n = 20; n < 30; n++) await second.send('events', { events: [event(n)] });
      await second.journal.close();

      const clean = await Recommender.open(file);
      const { journal, records } = await FileJournal.open<JournalRecord>(path);
      await journal.close();
      expect(records).toHaveLength(36);
      replay(clean, records);
      expect(Buffer.from(second.recommender.encode()).equals(Buffer.from(clean.encode()))).toBe(true);
    },
  );

  it('has nothing of a removed person in model, snapshots and journal', async () => {
    const file = await fileOf();
    const path = join(folder, `${name}-removed.jsonl`);
    const own = await service(file, path);
    await own.send('events', { events: [{ user: 'somebody', item: 'i3', time: 1 }, event(3)] });
    expect(readFileSync(path, 'utf8')).toContain('somebody');
    for (const user of ['somebody', 'u5']) await own.send('changes', { change: { op: 'removeUser', user } });
    await own.journal.close();
    expect(own.recommender.has('somebody')).toBe(false);
    const kept = Buffer.from(own.recommender.encode()).toString('latin1');
    for (const user of ['somebody', 'u5']) expect(own.recommender.model.userIds).not.toContain(user);
    expect(kept).not.toContain('somebody');
    // What remains of a person of the file is the order to forget him or her, which a file that has the person needs.
    expect(readFileSync(path, 'utf8').match(/somebody/g)?.length ?? 0).toBeLessThanOrEqual(1);
    const again = await service(file, path);
    expect([again.recommender.has('somebody'), again.recommender.has('u5')]).toEqual([false, false]);
    await again.journal.close();
  });
});
