// A binary heap of (score, item) in two parallel arrays, worst at the root. Worse means a lower score or, at the same
// score, a higher item index.

@inline
function worse(scoreA: f32, itemA: i32, scoreB: f32, itemB: i32): bool {
  return scoreA < scoreB || (scoreA == scoreB && itemA > itemB);
}

/** Adds an entry at place `count`. */
function sift_up(scores: usize, items: usize, count: i32, score: f32, item: i32): void {
  let at = count;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const parentScore = load<f32>(scores + (<usize>parent << 2));
    const parentItem = load<i32>(items + (<usize>parent << 2));
    if (!worse(score, item, parentScore, parentItem)) break;
    store<f32>(scores + (<usize>at << 2), parentScore);
    store<i32>(items + (<usize>at << 2), parentItem);
    at = parent;
  }
  store<f32>(scores + (<usize>at << 2), score);
  store<i32>(items + (<usize>at << 2), item);
}

/** Replaces the root of a heap of `count` entries. */
function sift_down(scores: usize, items: usize, count: i32, score: f32, item: i32): void {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= count) break;
    let childScore = load<f32>(scores + (<usize>child << 2));
    let childItem = load<i32>(items + (<usize>child << 2));
    if (child + 1 < count) {
      const otherScore = load<f32>(scores + (<usize>child << 2), 4);
      const otherItem = load<i32>(items + (<usize>child << 2), 4);
      if (worse(otherScore, otherItem, childScore, childItem)) {
        child++;
        childScore = otherScore;
        childItem = otherItem;
      }
    }
    if (!worse(childScore, childItem, score, item)) break;
    store<f32>(scores + (<usize>at << 2), childScore);
    store<i32>(items + (<usize>at << 2), childItem);
    at = child;
  }
  store<f32>(scores + (<usize>at << 2), score);
  store<i32>(items + (<usize>at << 2), item);
}

/** Offers an entry to a heap of `count` ≤ k entries that keeps the best k; returns the number of entries. */
export function offer(score: f32, item: i32, scores: usize, items: usize, count: i32, k: i32): i32 {
  if (count < k) {
    sift_up(scores, items, count, score, item);
    return count + 1;
  }
  if (worse(load<f32>(scores), load<i32>(items), score, item)) sift_down(scores, items, k, score, item);
  return count;
}

/** Empties the heaps of rows begin … end−1: places −Infinity and −1, counts 0. */
export function clear_top(begin: usize, end: usize, k: i32, scores: usize, items: usize, counts: usize): void {
  const places = (end - begin) * <usize>k;
  scores += (begin * <usize>k) << 2;
  memory.fill(counts + (begin << 2), 0, (end - begin) << 2);
  memory.fill(items + ((begin * <usize>k) << 2), 0xff, places << 2);
  for (let i: usize = 0; i < places; i++) store<f32>(scores + (i << 2), -<f32>Infinity);
}

/** Turns a heap into a list, best first. */
export function sort_heap(scores: usize, items: usize, count: i32): void {
  for (let last = count - 1; last > 0; last--) {
    const at = <usize>last << 2;
    const score = load<f32>(scores + at);
    const item = load<i32>(items + at);
    store<f32>(scores + at, load<f32>(scores));
    store<i32>(items + at, load<i32>(items));
    sift_down(scores, items, last, score, item);
  }
}

/** Offers eight scores of one user to that user's heap.
 *  Excluded items (bit set) and items ≥ numItems are passed over. */
export function offerEight(
  scores: usize,
  first: i32,
  numItems: i32,
  excluded: usize,
  topScores: usize,
  topItems: usize,
  counts: usize,
  k: i32,
): void {
  let count = load<i32>(counts);
  for (let lane = 0; lane < 8; lane++) {
    const item = first + lane;
    if (item >= numItems) break;
    const score = load<f32>(scores + ((<usize>lane) << 2));
    // Items arrive in ascending order: an equal score is a later item and does not displace.
    if (count == k && !(score > load<f32>(topScores))) continue;
    if ((load<u8>(excluded + (<usize>item >> 3)) >> <u8>(item & 7)) & 1) continue;
    count = offer(score, item, topScores, topItems, count, k);
  }
  store<i32>(counts, count);
}
