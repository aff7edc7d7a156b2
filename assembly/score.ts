import { tile4x8 } from './gemm';
import { clear_top, offer, sort_heap } from './topk';

/** Panels scored before the next four users: about 128 KiB at dim 128, so that a block stays in L2. */
const BLOCK_PANELS: i32 = 32;

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

/** The k best items of users begin … end−1 by inner product, excluded items left out, best first; ties go to the lower item
 *  index. Scores are computed tile by tile and never stored as a matrix.
 *  users [users4 × stride]; begin and end multiples of 4; panels: packed items (see gemm)
 *  excluded [users4 × maskBytes] bitmap, bit i = item i
 *  topScores [users4 × k], topItems [users4 × k] overwritten, unused places −Infinity and −1
 *  counts [users4] overwritten: places used; tile [32] scratch
 *  Accuracy and reduction order: as gemm_nt_f32 */
export function score_topk_f32(
  users: usize,
  begin: i32,
  end: i32,
  dim: i32,
  stride: i32,
  panels: usize,
  numItems: i32,
  excluded: usize,
  maskBytes: i32,
  k: i32,
  topScores: usize,
  topItems: usize,
  counts: usize,
  tile: usize,
): void {
  const rowBytes = (<usize>stride) << 2;
  const panelBytes = (<usize>dim) << 5;
  const kBytes = (<usize>k) << 2;
  clear_top(begin, end, k, topScores, topItems, counts);
  const numPanels = (numItems + 7) >> 3;
  for (let block = 0; block < numPanels; block += BLOCK_PANELS) {
    const last = min(block + BLOCK_PANELS, numPanels);
    for (let u = <usize>begin; u < <usize>end; u += 4) {
      for (let p = block; p < last; p++) {
        tile4x8(users + u * rowBytes, rowBytes, panels + <usize>p * panelBytes, dim, tile, 32);
        for (let lane: usize = 0; lane < 4; lane++) {
          const row = u + lane;
          const scores = tile + (lane << 5);
          // The root of a full heap is the worst place; only what beats it pays for the seen-bit test.
          const worst = v128.load32_splat(topScores + row * kBytes);
          const better = v128.or(f32x4.gt(v128.load(scores), worst), f32x4.gt(v128.load(scores, 16), worst));
          if (v128.any_true(better) || load<i32>(counts + (row << 2)) < k) {
            offerEight(
              scores,
              p << 3,
              numItems,
              excluded + row * <usize>maskBytes,
              topScores + row * kBytes,
              topItems + row * kBytes,
              counts + (row << 2),
              k,
            );
          }
        }
      }
    }
  }
  for (let row = <usize>begin; row < <usize>end; row++) {
    sort_heap(topScores + row * kBytes, topItems + row * kBytes, load<i32>(counts + (row << 2)));
  }
}
