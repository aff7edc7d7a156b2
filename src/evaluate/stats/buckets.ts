import { checkIsInteractions } from '../../data/argumentKinds.ts';
import type { Interactions } from '../../data/interactions.ts';

/**
 * Items by popularity: each bucket holds about a third of the training interactions.
 *
 * @example
 * console.log(POPULARITY_BUCKETS[0]);
 */
export const POPULARITY_BUCKETS = ['head', 'middle', 'tail'] as const;

/**
 * Users by the number of their training interactions.
 *
 * @example
 * console.log(HISTORY_BUCKETS[0]);
 */
export const HISTORY_BUCKETS = ['0–4', '5–9', '10–19', '20+'] as const;

const HISTORY_BOUNDS = [5, 10, 20];

/**
 * Bucket of each item, an index into `POPULARITY_BUCKETS`: items by descending count (ties by index) are `head` until
 * those before them hold a third of the training interactions, `middle` until two thirds, then `tail`, where the
 * items without any are too.
 *
 * @example
 * popularityBuckets(split.train).length; // → 40
 */
export function popularityBuckets(train: Interactions): Uint8Array {
  checkIsInteractions(train, 'popularityBuckets');
  const counts = new Int32Array(train.numItems);
  for (const item of train.items) counts[item]++;
  const order = Array.from(counts.keys()).sort((a, b) => counts[b] - counts[a] || a - b);
  const buckets = new Uint8Array(train.numItems);
  let before = 0;
  for (const item of order) {
    const third = train.length > 0 ? Math.floor((3 * before) / train.length) : 2;
    buckets[item] = counts[item] === 0 ? 2 : Math.min(third, 2);
    before += counts[item];
  }
  return buckets;
}

/**
 * Bucket of each user, an index into `HISTORY_BUCKETS`.
 *
 * @example
 * historyBuckets(split.train).length; // → 60
 */
export function historyBuckets(train: Interactions): Uint8Array {
  checkIsInteractions(train, 'historyBuckets');
  const counts = new Int32Array(train.numUsers);
  for (const user of train.users) counts[user]++;
  return Uint8Array.from(counts, (count) => HISTORY_BOUNDS.filter((bound) => count >= bound).length);
}
