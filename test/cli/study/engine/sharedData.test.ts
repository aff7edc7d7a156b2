import { expect, it } from 'vitest';
import { splitsOf } from '../../../../src/cli/splitArguments.ts';
import {
  openCatalogue,
  openSplits,
  sharedCatalogue,
  sharedEmbeddings,
  sharedSplits,
} from '../../../../src/cli/study/engine/sharedData.ts';
import {
  Catalogue,
  Embeddings,
  Interactions,
  ratioSplit,
  type Split,
  TrainingData,
} from '../../../../src/index.ts';

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
])('%s and vectors are the same in another thread', async (_, source) => {
  const there = splitsOf(openSplits(sharedSplits(source)))(5);
  const here = splitsOf(source)(5);
  expect(content(there)).toEqual(content(here));
  expect(content(there)[3]).toBeDefined();
  const vectors = new Embeddings(sharedEmbeddings(embeddings));
  expect(await new TrainingData(there, vectors).inputs()).toBe(
    await new TrainingData(here, embeddings).inputs(),
  );
});

it('columns and vectors lie in memory that is not copied', () => {
  const { parts } = sharedSplits({ whole: interactions, options: {} });
  const { users, had } = (parts as unknown as { whole: Interactions }).whole;
  for (const { buffer } of [users, had!.items, sharedEmbeddings(embeddings).vectors])
    expect(buffer).toBeInstanceOf(SharedArrayBuffer);
});

it('a catalogue is the same in another thread', () => {
  const catalogue = new Catalogue(['a', 'b'], ['x', ''], ['A', 'B']);
  expect(openCatalogue(structuredClone(sharedCatalogue(catalogue)))).toEqual(catalogue);
});
