import { checkIsInteractions } from '../../data/argumentKinds.ts';
import type { Interactions } from '../../data/interactions.ts';
import { resolveOptions } from '../../options/resolve.ts';
import { ItemScorer } from '../../rank/itemScorer.ts';
import type { ClosedModelDescriptor } from './descriptor.ts';

/** Every user gets the items with the most training interactions; ties by item index. */
export function popularity(train: Interactions): ItemScorer {
  checkIsInteractions(train, 'popularity');
  const scores = new Float32Array(train.numItems);
  for (const item of train.items) scores[item]++;
  return new ItemScorer('popularity', scores);
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
