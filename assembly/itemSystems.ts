import { offer, sort_heap } from './topk';
import { dot } from './simd';

// One small ridge system for each target item: which items may predict it, and with what weights.
// X [users × items] lies in memory twice, by user and by item; its values are ones where their address is 0.

/** Value n of a matrix, 1 where it has none. */
@inline
function valueAt(values: usize, n: usize): f32 {
  return values == 0 ? 1 : load<f32>(values + n);
}

/** counts[i] ← G_ij = Σ over the users u of target j of x_uj · x_ui, where touched; touched [returned count] lists
 *  the i.
 *  counts [items] must be 0 before, or lists miss items */
function co_occurrences(
  itemPtr: usize,
  itemUsers: usize,
  itemValues: usize,
  userPtr: usize,
  userItems: usize,
  userValues: usize,
  target: i32,
  counts: usize,
  touched: usize,
): i32 {
  let found = 0;
  const place = itemPtr + (<usize>target << 2);
  const stop = <usize>load<i32>(place, 4) << 2;
  for (let n = <usize>load<i32>(place) << 2; n < stop; n += 4) {
    const value = valueAt(itemValues, n);
    const row = userPtr + (<usize>load<i32>(itemUsers + n) << 2);
    const last = <usize>load<i32>(row, 4) << 2;
    for (let e = <usize>load<i32>(row) << 2; e < last; e += 4) {
      const item = load<i32>(userItems + e);
      const at = counts + (<usize>item << 2);
      const before = load<f32>(at);
      if (before == 0) {
        store<i32>(touched + (<usize>found << 2), item);
        found++;
      }
      store<f32>(at, before + value * valueAt(userValues, e));
    }
  }
  return found;
}

/** The `most` items that predict targets first + begin … first + end − 1 best, each on its own: those with the largest
 *  (G_ij + textFactor · C_ij) · scales_i, of equal ones the lower indices; best first. Without text only items that
 *  share a user with the target, and all items where there are no more than `most` others.
 *  itemPtr [items + 1], itemUsers, itemValues: users of each item; userPtr [users + 1], userItems, userValues
 *  text [targets × textStride] C_ij with a row for each target, or 0; scales [items]
 *  sources [targets × most] overwritten; weights [targets × most] overwritten: G_ij + textFactor · C_ij
 *  counts [targets] overwritten: places used
 *  scratch [2 · items] zeros, which they are again afterwards where it matters
 *  Accuracy: sums of at most as many f32 products as the target has users, users ascending */
export function pick_sources_f32(
  itemPtr: usize,
  itemUsers: usize,
  itemValues: usize,
  userPtr: usize,
  userItems: usize,
  userValues: usize,
  items: i32,
  first: i32,
  text: usize,
  textStride: i32,
  textFactor: f32,
  scales: usize,
  most: i32,
  sources: usize,
  weights: usize,
  counts: usize,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const common = scratch;
  const touched = scratch + (<usize>items << 2);
  for (let t = <usize>begin; t < <usize>end; t++) {
    const target = first + <i32>t;
    const found = co_occurrences(
      itemPtr, itemUsers, itemValues, userPtr, userItems, userValues, target, common, touched,
    );
    const top = sources + ((t * <usize>most) << 2);
    const scores = weights + ((t * <usize>most) << 2);
    let count = 0;
    if (text == 0 && items - 1 > most) {
      for (let n = 0; n < found; n++) {
        const item = load<i32>(touched + (<usize>n << 2));
        if (item == target) continue;
        const at = <usize>item << 2;
        count = offer(load<f32>(common + at) * load<f32>(scales + at), item, scores, top, count, most);
      }
    } else {
      count = offer_all(
        common, text == 0 ? 0 : text + ((t * <usize>textStride) << 2), textFactor, scales, items, target, scores, top,
        most,
      );
    }
    sort_heap(scores, top, count);
    store<i32>(counts + (t << 2), count);
    for (let n: usize = 0; n < <usize>count; n++) {
      const at = <usize>load<i32>(top + (n << 2)) << 2;
      const prior: f32 = text == 0 ? 0 : load<f32>(text + ((t * <usize>textStride) << 2) + at);
      store<f32>(scores + (n << 2), load<f32>(common + at) + textFactor * prior);
    }
    for (let n = 0; n < found; n++) store<f32>(common + (<usize>load<i32>(touched + (<usize>n << 2)) << 2), 0);
  }
}

/** Offers all items but the target to a heap; returns how many it holds. */
function offer_all(
  common: usize,
  text: usize,
  textFactor: f32,
  scales: usize,
  items: i32,
  target: i32,
  scores: usize,
  top: usize,
  most: i32,
): i32 {
  const factor = f32x4.splat(textFactor);
  let count = 0;
  for (let item = 0; item < items; item += 4) {
    const at = <usize>item << 2;
    // Four scores at a time against the worst place; memory behind the last item is read, not used.
    const prior = text == 0 ? f32x4.splat(0) : f32x4.mul(factor, v128.load(text + at));
    const four = f32x4.mul(f32x4.add(v128.load(common + at), prior), v128.load(scales + at));
    if (count == most && !v128.any_true(f32x4.gt(four, v128.load32_splat(scores)))) continue;
    for (let lane = 0; lane < 4 && item + lane < items; lane++) {
      if (item + lane == target) continue;
      const own = at + (<usize>lane << 2);
      const sum = load<f32>(common + own) + (text == 0 ? <f32>0 : textFactor * load<f32>(text + own));
      count = offer(sum * load<f32>(scales + own), item + lane, scores, top, count, most);
    }
  }
  return count;
}

/** Solves (G_SS + diag(ridge_S)) b = r for each of the targets begin … end−1, S its sources, by conjugate gradients
 *  with the diagonal as preconditioner.
 *  Source: Golub & Van Loan, Algorithm 11.5.1; at most `steps` steps, fewer where the residual has fallen to 1e-6
 *  itemPtr [items + 1], itemUsers, itemValues: users of each item; ridge [items]
 *  sources [targets × most] distinct items, counts [targets] how many of them
 *  weights [targets × most] r, overwritten by b
 *  users: rows of X; entries: the most interactions that the sources of a target have
 *  table [tableSize × tableSize] G of some items where X has no values, or 0; places [items] one more than an item's
 *  place in it, 0 for the others; reach [items] the interactions of an item's users
 *  scratch [users] zeros, then [3 · entries], with a table [items] zeros, then [(stride + 6) · stride], stride = most
 *  rounded up to 4
 *  Accuracy: that of the steps; G is summed in f32 over users, from the one whose last source comes last */
export function solve_items_f32(
  itemPtr: usize,
  itemUsers: usize,
  itemValues: usize,
  ridge: usize,
  sources: usize,
  counts: usize,
  weights: usize,
  most: i32,
  users: i32,
  entries: i32,
  steps: i32,
  userPtr: usize,
  userItems: usize,
  places: usize,
  table: usize,
  tableSize: i32,
  reach: usize,
  items: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const lists = scratch + (<usize>((users + 3) & ~3) << 2);
  const marks = lists + (<usize>((3 * entries + 3) & ~3) << 2);
  const matrix = marks + (table == 0 ? 0 : <usize>((items + 3) & ~3) << 2);
  const stride = (most + 3) & ~3;
  for (let t = <usize>begin; t < <usize>end; t++) {
    const own = sources + ((t * <usize>most) << 2);
    const count = load<i32>(counts + (t << 2));
    if (count == 0) continue;
    memory.fill(matrix, 0, (<usize>count * <usize>stride) << 2);
    if (table != 0 && scan_is_shorter(itemPtr, places, reach, own, count)) {
      scan_gram(itemPtr, itemUsers, userPtr, userItems, places, table, tableSize, own, count, marks, matrix, stride);
    } else add_gram(itemPtr, itemUsers, itemValues, own, count, scratch, lists, entries, matrix, stride);
    for (let s: usize = 0; s < <usize>count; s++) {
      const diagonal = matrix + ((s * <usize>stride + s) << 2);
      store<f32>(diagonal, load<f32>(diagonal) + load<f32>(ridge + (<usize>load<i32>(own + (s << 2)) << 2)));
      for (let r: usize = 0; r < s; r++) {
        store<f32>(matrix + ((r * <usize>stride + s) << 2), load<f32>(matrix + ((s * <usize>stride + r) << 2)));
      }
    }
    conjugate_gradients(
      matrix, stride, count, weights + ((t * <usize>most) << 2), steps,
      matrix + ((<usize>stride * <usize>stride) << 2),
    );
  }
}

/** table [rows begin … end − 1 of size] += G of the items that have a place in it, where X has no values
 *  listed [size] the items by their place; places [items] one more than the place, 0 for the others
 *  Accuracy: exact below 2^24 users */
export function gram_table_f32(
  itemPtr: usize,
  itemUsers: usize,
  userPtr: usize,
  userItems: usize,
  listed: usize,
  places: usize,
  table: usize,
  size: i32,
  begin: i32,
  end: i32,
): void {
  for (let row = <usize>begin; row < <usize>end; row++) {
    const out = table + ((row * <usize>size) << 2) - 4;
    const item = itemPtr + (<usize>load<i32>(listed + (row << 2)) << 2);
    const stop = <usize>load<i32>(item, 4) << 2;
    for (let n = <usize>load<i32>(item) << 2; n < stop; n += 4) {
      const user = userPtr + (<usize>load<i32>(itemUsers + n) << 2);
      const last = <usize>load<i32>(user, 4) << 2;
      for (let e = <usize>load<i32>(user) << 2; e < last; e += 4) {
        const place = <usize>load<i32>(places + (<usize>load<i32>(userItems + e) << 2)) << 2;
        if (place != 0) store<f32>(out + place, load<f32>(out + place) + 1);
      }
    }
  }
}

/** A step of `scan_gram` reads one number, an entry of `add_gram` is written, read and compared with others. */
const STEPS_AN_ENTRY: f32 = 3;

/** Whether looking at the users of the sources outside the table is less work than listing the users of all sources. */
function scan_is_shorter(itemPtr: usize, places: usize, reach: usize, sources: usize, count: i32): bool {
  let steps: f32 = 0;
  let entries: f32 = 0;
  for (let s: usize = 0; s < <usize>count; s++) {
    const at = <usize>load<i32>(sources + (s << 2)) << 2;
    entries += <f32>(load<i32>(itemPtr + at, 4) - load<i32>(itemPtr + at));
    if (load<i32>(places + at) == 0) steps += load<f32>(reach + at);
  }
  return steps <= STEPS_AN_ENTRY * entries;
}

/** As `add_gram`, from the table where both items are in it, else from the other items of a source's users.
 *  marks [items] zeros, and zeros again afterwards */
function scan_gram(
  itemPtr: usize,
  itemUsers: usize,
  userPtr: usize,
  userItems: usize,
  places: usize,
  table: usize,
  tableSize: i32,
  sources: usize,
  count: i32,
  marks: usize,
  matrix: usize,
  stride: i32,
): void {
  const bytes = <usize>stride << 2;
  for (let s: usize = 0; s < <usize>count; s++) {
    store<i32>(marks + (<usize>load<i32>(sources + (s << 2)) << 2), <i32>s + 1);
  }
  for (let s: usize = 0; s < <usize>count; s++) {
    const source = <usize>load<i32>(sources + (s << 2)) << 2;
    const out = matrix + s * bytes;
    const place = <usize>load<i32>(places + source);
    if (place != 0) {
      const row = table + (((place - 1) * <usize>tableSize) << 2) - 4;
      for (let r: usize = 0; r <= s; r++) {
        const other = <usize>load<i32>(places + (<usize>load<i32>(sources + (r << 2)) << 2)) << 2;
        if (other != 0) store<f32>(out + (r << 2), load<f32>(row + other));
      }
      continue;
    }
    const stop = <usize>load<i32>(itemPtr + source, 4) << 2;
    for (let n = <usize>load<i32>(itemPtr + source) << 2; n < stop; n += 4) {
      const user = userPtr + (<usize>load<i32>(itemUsers + n) << 2);
      const last = <usize>load<i32>(user, 4) << 2;
      for (let e = <usize>load<i32>(user) << 2; e < last; e += 4) {
        const item = <usize>load<i32>(userItems + e) << 2;
        const mark = <usize>load<i32>(marks + item);
        if (mark == 0) continue;
        // Below the diagonal; a later source counts itself, unless it is in the table.
        if (mark > s + 1 && load<i32>(places + item) == 0) continue;
        const at = mark > s + 1 ? matrix + (mark - 1) * bytes + (s << 2) : out + ((mark - 1) << 2);
        store<f32>(at, load<f32>(at) + 1);
      }
    }
  }
  for (let s: usize = 0; s < <usize>count; s++) {
    store<i32>(marks + (<usize>load<i32>(sources + (s << 2)) << 2), 0);
  }
}

/** matrix [count × stride] += the lower triangle of G_SS.
 *  Each user of a source gets the list of its sources, the last one first: heads [users], 1 more than the entry, 0 for
 *  none and 0 again afterwards; entry n: next [n], source [n], place of its value [n] */
function add_gram(
  itemPtr: usize,
  itemUsers: usize,
  itemValues: usize,
  sources: usize,
  count: i32,
  heads: usize,
  next: usize,
  entries: i32,
  matrix: usize,
  stride: i32,
): void {
  const owner = next + (<usize>entries << 2);
  const place = owner + (<usize>entries << 2);
  let used: usize = 0;
  for (let s: usize = 0; s < <usize>count; s++) {
    const item = itemPtr + (<usize>load<i32>(sources + (s << 2)) << 2);
    const stop = <usize>load<i32>(item, 4) << 2;
    for (let n = <usize>load<i32>(item) << 2; n < stop; n += 4) {
      const head = heads + (<usize>load<i32>(itemUsers + n) << 2);
      store<i32>(next + used, load<i32>(head));
      store<i32>(owner + used, <i32>s);
      store<i32>(place + used, <i32>n);
      used += 4;
      store<i32>(head, <i32>(used >> 2));
    }
  }
  for (let e: usize = used; e > 0; e -= 4) {
    // The list that begins with the user's last entry; when its others come, it is empty.
    const head = heads + (<usize>load<i32>(itemUsers + <usize>load<i32>(place + e - 4)) << 2);
    let row = <usize>load<i32>(head) << 2;
    store<i32>(head, 0);
    for (; row > 0; row = <usize>load<i32>(next + row - 4) << 2) {
      const out = matrix + ((<usize>load<i32>(owner + row - 4) * <usize>stride) << 2);
      const value = valueAt(itemValues, <usize>load<i32>(place + row - 4));
      for (let other = row; other > 0; other = <usize>load<i32>(next + other - 4) << 2) {
        const at = out + (<usize>load<i32>(owner + other - 4) << 2);
        store<f32>(at, load<f32>(at) + value * valueAt(itemValues, <usize>load<i32>(place + other - 4)));
      }
    }
  }
}

/** ‖r‖² in the preconditioner's norm at which the steps end, relative to that at the beginning. */
const ENOUGH: f32 = 1e-12;

/** x ← the approximate solution of A x = b.  a [count × stride], x [count] b before; vectors [6 · stride] scratch */
function conjugate_gradients(a: usize, stride: i32, count: i32, x: usize, steps: i32, vectors: usize): void {
  const bytes = <usize>stride << 2;
  const r = vectors;
  const z = r + bytes;
  const p = z + bytes;
  const q = p + bytes;
  const inverse = q + bytes;
  const solution = inverse + bytes;
  memory.fill(vectors, 0, 6 * bytes);
  memory.copy(r, x, <usize>count << 2);
  for (let i: usize = 0; i < <usize>count; i++) {
    store<f32>(inverse + (i << 2), 1 / load<f32>(a + i * bytes + (i << 2)));
  }
  multiply(r, inverse, z, bytes);
  memory.copy(p, z, bytes);
  let rz = dot(r, z, stride);
  const enough = ENOUGH * rz;
  for (let step = 0; step < steps && rz > enough; step++) {
    for (let i: usize = 0; i < <usize>count; i++) store<f32>(q + (i << 2), dot(a + i * bytes, p, stride));
    const alpha = rz / dot(p, q, stride);
    add_scaled(p, alpha, solution, solution, bytes);
    add_scaled(q, -alpha, r, r, bytes);
    multiply(r, inverse, z, bytes);
    const now = dot(r, z, stride);
    add_scaled(p, now / rz, z, p, bytes);
    rz = now;
  }
  memory.copy(x, solution, <usize>count << 2);
}

@inline
function multiply(x: usize, y: usize, out: usize, bytes: usize): void {
  for (let o: usize = 0; o < bytes; o += 16) v128.store(out + o, f32x4.mul(v128.load(x + o), v128.load(y + o)));
}

/** out ← factor · x + y */
@inline
function add_scaled(x: usize, factor: f32, y: usize, out: usize, bytes: usize): void {
  const splat = f32x4.splat(factor);
  for (let o: usize = 0; o < bytes; o += 16) {
    v128.store(out + o, f32x4.add(f32x4.mul(splat, v128.load(x + o)), v128.load(y + o)));
  }
}
