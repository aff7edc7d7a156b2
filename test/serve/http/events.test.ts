import { beforeAll, describe, expect, it } from 'vitest';
import { Interactions } from '../../../src/data/interactions.ts';
import { leaveOneOut } from '../../../src/data/splits.ts';
import { isLlminitError } from '../../../src/errors.ts';
import { initialize } from '../../../src/init/initialize.ts';
import { load } from '../../../src/runtime/load.ts';
import { type JournalRecord, replay, withoutUser } from '../../../src/serve/http/events.ts';
import { Recommender } from '../../../src/serve/recommender.ts';
import { modelFrom } from '../../../src/train/trainedModel.ts';

const rows = Array.from({ length: 60 }, (_, n) => ({
  user: `u${n % 10}`,
  item: `i${(n * 7 + (n % 5)) % 12}`,
}));
let fresh: () => Recommender;
beforeAll(async () => {
  const split = leaveOneOut(Interactions.from(rows), { order: 'random', seed: 1 });
  const { users, items, dim } = await initialize(split.train, null, { strategy: 'xavier', dim: 4, seed: 1 });
  const runtime = await load();
  fresh = () => new Recommender(modelFrom(split, { users, items, dim }), runtime);
});

/** A record of every kind. */
const RECORDS: readonly JournalRecord[] = [
  { user: 'u1', item: 'i3', liked: true, weight: 2, time: 5 },
  { op: 'addItems', items: [{ id: 'new', vector: [1, 2, 3, 4] as unknown as Float32Array }], exposure: 1 },
  { op: 'updateItems', items: [{ id: 'i2', title: 'other' }] },
  { op: 'removeItems', ids: ['i4'] },
  { op: 'hideItems', ids: ['i5'], hidden: true },
  { op: 'addInteractions', rows: [{ user: 'u2', item: 'i6' }] },
  { op: 'removeUser', user: 'u3' },
];

/** Values of JSON that stand in the place of others. */
const WRONG: readonly unknown[] = [null, -1, 1e308, 0.5, '', 'x', [], [null], [[]], {}, { id: null }, true];

/** The record with one of its values replaced by each of the wrong ones, or left out. */
function* crafted(record: JournalRecord): Generator<JournalRecord> {
  const places = function* (value: unknown, path: string[]): Generator<string[]> {
    if (path.length > 0) yield path;
    if (typeof value === 'object' && value !== null)
      for (const key of Object.keys(value))
        yield* places((value as Record<string, unknown>)[key], [...path, key]);
  };
  for (const path of places(record, [])) {
    for (const wrong of [...WRONG, undefined]) {
      const copy = structuredClone(record) as unknown as Record<string, unknown>;
      const parent = path.slice(0, -1).reduce((at, key) => at[key] as Record<string, unknown>, copy);
      if (wrong === undefined) delete parent[path[path.length - 1]];
      else parent[path[path.length - 1]] = wrong;
      yield copy as unknown as JournalRecord;
    }
  }
}

describe('a journal that someone has edited', () => {
  it.each(RECORDS.map((record) => ['op' in record ? record.op : 'an event', record] as const))(
    'is replayed or refused record by record, whatever one value is replaced by: %s',
    (_, record) => {
      for (const changed of crafted(record)) {
        const recommender = fresh();
        const told = JSON.stringify(changed);
        const { refused } = replay(recommender, [changed, { user: 'u1', item: 'i1' }]);
        expect([told, refused.every((error) => isLlminitError(error))]).toEqual([told, true]);
        const scores = recommender.recommend('u1', { k: 5 }).map(({ score }) => score);
        expect([told, scores.every(Number.isFinite)]).toEqual([told, true]);
        recommender.close();
      }
    },
  );

  it('forgets a person out of records that are whole, and refuses others by name', () => {
    for (const record of RECORDS) {
      for (const changed of crafted(record)) {
        let failure: unknown = null;
        try {
          withoutUser(changed, 'u1');
        } catch (error) {
          failure = error;
        }
        expect([JSON.stringify(changed), failure === null || isLlminitError(failure)]).toEqual([
          JSON.stringify(changed),
          true,
        ]);
      }
    }
  });
});
