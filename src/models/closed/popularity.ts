import { checkIsInteractions } from '../../data/argumentKinds.ts';
import type { Interactions } from '../../data/interactions.ts';
import { resolveOptions } from '../../options/resolve.ts';
import { ItemScorer } from '../../rank/itemScorer.ts';
import type { ClosedModelDescriptor } from './descriptor.ts';

/**
 * Every user gets the items with the most training interactions, or with the largest sum of their weights; ties by item
 * index.
 *
 * @example
 * const scorer = popularity(split.train);
 * const model = modelFrom(split, scorer);
 */
export function popularity(train: Interactions): ItemScorer {
  checkIsInteractions(train, 'popularity');
  const { items, weights } = train;
  const sums = new Float64Array(train.numItems);
  for (let n = 0; n < items.length; n++) sums[items[n]] += weights ? weights[n] : 1;
  return new ItemScorer('popularity', new Float32Array(sums));
}

export const popularityModel: ClosedModelDescriptor<'popularity'> = {
  name: 'popularity',
  kind: 'closed',
  vectors: 'unread',
  options: {},
  grid: () => [{}],
  train: async (train, _, settings) =>
    settings.map((given) => {
      resolveOptions({}, given, 'popularity');
      return popularity(train);
    }),
};
