import { expect, it } from 'vitest';
import { openShared, type SharedData, sharedData } from '../../../../src/cli/study/engine/sharedData.ts';
import { Embeddings, Interactions, ratioSplit, type Split, TrainingData } from '../../../../src/index.ts';

/** With ratings below the least that counts as liked, times and repeated plays. */
const rows = Array.from({ length: 300 }, (_, n) => ({
  user: `u${n % 30}`,
  item: `i${(n * 7 + (n % 13)) % 40}`,
  rating: 1 + (n % 5),
  timestamp: 1000 + n,
}));
const interactions = Interactions.from(rows, { minRating: 3 });
const embeddings = new Embeddings({
  ids: interactions.itemIds,
  width: 3,
  vectors: Float32Array.from({ length: 3 * interactions.numItems }, (_, n) => Math.fround(n / 7)),
  source: 'made up',
});

/** What training and serving read of a split. */
function content({ train, valid, test, had, disliked }: Split) {
  const columns = (part?: Interactions) =>
    part && [part.userIds, part.itemIds, part.users, part.items, part.ratings, part.timestamps, part.weights];
  return [train, valid, test, had, disliked].map(columns);
}

it.each([
  ['interactions to split', { whole: interactions, options: { name: 'ratio', order: 'time' } } as const],
  ['a ready-made split', ratioSplit(interactions, { seed: 1 })],
])('%s and vectors are the same behind shared memory', async (_, source) => {
  const { split, embeddings: there } = openShared(
    structuredClone(sharedData(source, embeddings)) as SharedData,
  );
  const { split: here } = openShared(sharedData(source, null));
  expect(content(split(5))).toEqual(content(here(5)));
  expect(content(split(5))[3]).toBeDefined();
  expect(there!.vectors).toEqual(embeddings.vectors);
  const direct = 'whole' in source ? ratioSplit(source.whole, { order: 'time', seed: 5 }) : source;
  expect(content(split(5))).toEqual(content(direct));
  expect(await new TrainingData(split(5), there).inputs()).toBe(
    await new TrainingData(direct, embeddings).inputs(),
  );
});
