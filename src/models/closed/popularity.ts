import type { Interactions } from '../../data/interactions.ts';
import { ItemScorer } from '../../rank/itemScorer.ts';

/** Every user gets the items with the most training interactions; ties by item index. */
export function popularity(train: Interactions): ItemScorer {
  const scores = new Float32Array(train.numItems);
  for (const item of train.items) scores[item]++;
  return new ItemScorer('popularity', scores);
}
