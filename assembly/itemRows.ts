import { clear_top, offerEight, sort_heap } from './topk';

// Scores that are sums of sparse rows of items, one row for each item of a history.

/** scores[q] += factor · Σ over the items j of history q, in order, of row j, for q = begin … end−1.
 *  rowPtr [numItems + 1], indices, weights: rows of items; the indices of a row are distinct
 *  historyPtr [queries + 1], history: items of each query
 *  scores [queries × stride]
 *  Accuracy: an f32 multiplication and an f32 addition for each entry, in that order */
export function add_item_rows_f32(
  rowPtr: usize,
  indices: usize,
  weights: usize,
  historyPtr: usize,
  history: usize,
  factor: f32,
  scores: usize,
  stride: i32,
  begin: i32,
  end: i32,
): void {
  for (let q = <usize>begin; q < <usize>end; q++) {
    const row = scores + ((q * <usize>stride) << 2);
    const last = history + (<usize>load<i32>(historyPtr + (q << 2), 4) << 2);
    for (let item = history + (<usize>load<i32>(historyPtr + (q << 2)) << 2); item < last; item += 4) {
      const place = rowPtr + (<usize>load<i32>(item) << 2);
      const stop = <usize>load<i32>(place, 4) << 2;
      for (let n = <usize>load<i32>(place) << 2; n < stop; n += 4) {
        const score = row + (<usize>load<i32>(indices + n) << 2);
        store<f32>(score, load<f32>(score) + factor * load<f32>(weights + n));
      }
    }
  }
}

/** The k best items of rows begin … end−1 of a table of scores, excluded items left out, best first; ties go to the
 *  lower item index.
 *  scores [queries × stride], stride a multiple of 8 and ≥ numItems
 *  excluded [queries × maskBytes] bitmap, bit i = item i
 *  topScores [queries × k], topItems [queries × k] overwritten, unused places −Infinity and −1
 *  counts [queries] overwritten: places used
 *  Accuracy: exact */
export function rank_scores_f32(
  scores: usize,
  stride: i32,
  numItems: i32,
  excluded: usize,
  maskBytes: i32,
  k: i32,
  topScores: usize,
  topItems: usize,
  counts: usize,
  begin: i32,
  end: i32,
): void {
  assert((stride & 7) == 0 && stride >= numItems);
  clear_top(begin, end, k, topScores, topItems, counts);
  for (let q = <usize>begin; q < <usize>end; q++) {
    const row = scores + ((q * <usize>stride) << 2);
    const best = topScores + ((q * <usize>k) << 2);
    const items = topItems + ((q * <usize>k) << 2);
    const count = counts + (q << 2);
    const mask = excluded + q * <usize>maskBytes;
    for (let first = 0; first < numItems; first += 8) {
      const eight = row + (<usize>first << 2);
      // The root of a full heap is the worst place; until then it is −Infinity or one of the places.
      const worst = v128.load32_splat(best);
      const better = v128.or(f32x4.gt(v128.load(eight), worst), f32x4.gt(v128.load(eight, 16), worst));
      if (v128.any_true(better) || load<i32>(count) < k) {
        offerEight(eight, first, numItems, mask, best, items, count, k);
      }
    }
    sort_heap(best, items, load<i32>(count));
  }
}
