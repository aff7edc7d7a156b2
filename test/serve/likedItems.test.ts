import { beforeAll, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { load } from '../../src/runtime/load.ts';
import { Recommender } from '../../src/serve/recommender.ts';
import { blendModel } from './sampleModels.ts';

const model = { ...blendModel() };
const [a, b, c] = model.itemIds;
let recommender: Recommender;
beforeAll(async () => {
  recommender = new Recommender(
    { ...model, itemTitles: model.itemIds.map((id) => `Title of ${id}`) },
    await load(),
  );
});
const idsOf = (person: Parameters<Recommender['likedItems']>[0]) =>
  recommender.likedItems(person).map(({ id }) => id);

it('are what the model keeps of a user, with titles', () => {
  const { rowPtr, colIdx } = model.seen!;
  const user = model.userIds.findIndex((_, n) => rowPtr[n + 1] > rowPtr[n]);
  const own = Array.from(colIdx.subarray(rowPtr[user], rowPtr[user + 1]), (item) => model.itemIds[item]);
  const found = recommender.likedItems(model.userIds[user]);
  expect(own).toEqual(expect.arrayContaining(found.map(({ id }) => id)));
  expect(found.length).toBeGreaterThan(0);
  for (const { id, title } of found) expect(title).toBe(`Title of ${id}`);
});

it('are in the order of a history, or of its times, without what is unknown or disliked', () => {
  expect(idsOf({ history: [c, 'nothing', a, b, c] })).toEqual([a, b, c]);
  expect(idsOf({ history: [c, a, b], times: [3, 9, 1], halfLife: 5 })).toEqual([b, c, a]);
  expect(idsOf({ history: [c, a, b], weights: [1, -1, 2] })).toEqual([c, b]);
});

it('are none of somebody who is unknown', () => {
  expect(idsOf('nobody at all')).toEqual([]);
  expect(idsOf({ history: [] })).toEqual([]);
  expect(() => recommender.likedItems(7 as never)).toThrow(OptionError);
});
