import { beforeAll, describe, expect, test } from 'vitest';
import { rerankCases } from '../../../src/chat/rerank/cases.ts';
import { Interactions } from '../../../src/data/interactions.ts';
import { leaveOneOut, type Split } from '../../../src/data/splits.ts';
import { DataError, OptionError } from '../../../src/errors.ts';
import { ease } from '../../../src/models/closed/ease.ts';
import type { Scorer } from '../../../src/rank/scorer.ts';
import { load, type Runtime } from '../../../src/runtime/load.ts';
import { Recommender } from '../../../src/serve/recommender.ts';
import { modelFrom } from '../../../src/train/trainedModel.ts';

const rows = Array.from({ length: 300 }, (_, n) => ({
  ...{ user: `u${n % 20}`, item: `i${(n * 7 + (n % 11)) % 30}`, timestamp: 1000 - n },
}));
let runtime: Runtime;
let split: Split;
let scorer: Scorer;
beforeAll(async () => {
  runtime = await load();
  split = leaveOneOut(Interactions.from(rows), { order: 'time' });
  scorer = await ease(split.train, { runtime });
});
const recommenderOf = (own: Split, seen?: Interactions) => {
  const itemTitles = new Map(own.train.itemIds.map((id) => [id, `Title of ${id}`]));
  return new Recommender(modelFrom(own, scorer, { seen, itemTitles }), runtime);
};
const namesOf = (part: Interactions, user: string) =>
  Array.from(part.users.keys())
    .filter((n) => part.userIds[part.users[n]] === user)
    .map((n) => ({ id: part.itemIds[part.items[n]], time: part.timestamps?.[n] ?? 0 }));

describe('cases', () => {
  test.each(['valid', 'test'] as const)(
    'of %s have candidates without what people have, and histories of training by time',
    (part) => {
      const cases = rerankCases(recommenderOf(split, split.train), split, { part, users: 8, candidates: 6 });
      expect(cases.length).toBe(8);
      for (const { id, candidates, history, relevant, orderedHistory } of cases) {
        expect(relevant).toEqual(namesOf(split[part], id).map((one) => one.id));
        const inTime = namesOf(split.train, id).sort((a, b) => a.time - b.time);
        expect(history).toEqual(inTime.map((one) => ({ id: one.id, title: `Title of ${one.id}` })));
        expect(orderedHistory).toBe(true);
        const had = [...inTime, ...(part === 'test' ? namesOf(split.valid, id) : [])].map((one) => one.id);
        expect(candidates.filter((one) => had.includes(one.id))).toEqual([]);
        expect(candidates.length).toBe(6);
      }
    },
  );

  test('are the same people for the same seed, and not more than there are', () => {
    const recommender = recommenderOf(split, split.train);
    const idsOf = (seed: number) => rerankCases(recommender, split, { users: 5, seed }).map(({ id }) => id);
    expect(idsOf(1)).toEqual(idsOf(1));
    expect(idsOf(1)).not.toEqual(idsOf(2));
    expect(rerankCases(recommender, split).length).toBe(20);
  });

  test('without times have no order', () => {
    const whole = Interactions.from(rows.map(({ user, item }) => ({ user, item })));
    const own = leaveOneOut(whole, { seed: 1 });
    const [first] = rerankCases(recommenderOf(own, own.train), own, { users: 2 });
    expect(first.orderedHistory).toBe(false);
  });
});

test('a model that knows what is held out is refused', () => {
  expect(() => rerankCases(recommenderOf(split), split)).toThrow(DataError);
  expect(() => rerankCases(recommenderOf(split), split)).toThrow(/seen: split\.train/);
});

test('wrong arguments are refused', () => {
  expect(() => rerankCases(null as never, split)).toThrow(OptionError);
  expect(() => rerankCases(recommenderOf(split, split.train), null as never)).toThrow(OptionError);
  expect(() => rerankCases(recommenderOf(split, split.train), split, { part: 'train' as never })).toThrow(
    OptionError,
  );
});
