import { next_below, open_sequence } from './random';

/** Whether the ascending list colIdx[from … to−1] holds the item. */
function contains(colIdx: usize, from: u32, to: u32, item: u32): bool {
  while (from < to) {
    const middle = (from + to) >> 1;
    const value = load<u32>(colIdx + ((<usize>middle) << 2));
    if (value == item) return true;
    if (value < item) from = middle + 1;
    else to = middle;
  }
  return false;
}

/** One negative per interaction, uniform over the items, as nodes (item + itemOffset); drawn again while it is one of
 *  the user's training items (`verify` ≠ 0) or the positive itself (`verify` = 0). Draw number p of an epoch depends on
 *  seed, epoch and p alone, not on the batch size or on other draws.
 *  rowPtr, colIdx: users × items, columns ascending; users, positives [count] nodes; negatives [count] overwritten
 *  Requires: every user leaves at least one item to draw */
export function sample_negatives(
  rowPtr: usize,
  colIdx: usize,
  users: usize,
  positives: usize,
  negatives: usize,
  count: i32,
  numItems: u32,
  itemOffset: u32,
  verify: i32,
  key0: u32,
  key1: u32,
  purpose: u32,
  epoch: u32,
  first: u32,
): void {
  for (let p: u32 = 0; p < <u32>count; p++) {
    const at = (<usize>p) << 2;
    open_sequence(key0, key1, first + p, purpose, epoch);
    const user = <usize>load<u32>(users + at);
    const from = load<u32>(rowPtr + (user << 2));
    const to = load<u32>(rowPtr + (user << 2), 4);
    const positive = load<u32>(positives + at) - itemOffset;
    let item = next_below(numItems);
    while (verify != 0 ? contains(colIdx, from, to, item) : item == positive) item = next_below(numItems);
    store<u32>(negatives + at, item + itemOffset);
  }
}
