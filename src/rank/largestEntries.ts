import type { SparseRows } from './sparseRows.ts';

/** The fewest entries that a row is allowed. */
const LEAST_ENTRIES = 4;

/**
 * How many entries each row may keep: proportional to the square root of the item's interactions, `entries` on average,
 * at least 4. Rows of popular items hold more that matters.
 *
 * @param degrees interactions of each item
 * @param entries Infinity for no limit
 */
export function rowBudgets(degrees: ArrayLike<number>, entries: number): Float64Array {
  const numItems = degrees.length;
  const roots = Float64Array.from(degrees, Math.sqrt);
  const sum = roots.reduce((a, b) => a + b, 0);
  if (sum === 0 || entries === Number.POSITIVE_INFINITY) return roots.fill(Math.max(LEAST_ENTRIES, entries));
  return roots.map((root) => Math.max(LEAST_ENTRIES, Math.floor((entries * numItems * root) / sum + 0.5)));
}

/** Takes rows one after the other and keeps of each the largest entries. */
export class RowCutter {
  readonly #budgets: Float64Array;
  readonly #rowPtr: Int32Array;
  #indices: Int32Array;
  #weights: Float32Array;
  #row = 0;
  #length = 0;

  /**
   * @param budgets entries that each row may keep, at most: see `rowBudgets`
   * @param entriesOf how many entries a row will have, where that is known: nothing is copied then
   */
  constructor(budgets: Float64Array, entriesOf?: (row: number) => number) {
    this.#budgets = budgets;
    let room = 1024;
    if (entriesOf)
      room = budgets.reduce((sum, budget, row) => sum + Math.min(Math.floor(budget), entriesOf(row)), 0);
    this.#indices = new Int32Array(room);
    this.#weights = new Float32Array(room);
    this.#rowPtr = new Int32Array(budgets.length + 1);
  }

  /** The next row: entries with ascending indices. Of equal weights the lower indices are kept. */
  add(indices: Int32Array, weights: Float32Array): void {
    const budget = this.#budgets[this.#row];
    this.#reserve(Math.min(budget, weights.length));
    eachLargest(weights, budget, (n) => this.#push(indices[n], weights[n]));
    this.#row++;
    this.#rowPtr[this.#row] = this.#length;
  }

  /** All rows, once every one has been added. */
  rows(): SparseRows {
    return {
      numItems: this.#budgets.length,
      rowPtr: this.#rowPtr,
      indices: firstOf(this.#indices, this.#length),
      weights: firstOf(this.#weights, this.#length),
    };
  }

  #push(index: number, weight: number): void {
    this.#indices[this.#length] = index;
    this.#weights[this.#length] = weight;
    this.#length++;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#indices.length) return;
    const room = Math.max(needed, 2 * this.#indices.length);
    const [indices, weights] = [new Int32Array(room), new Float32Array(room)];
    indices.set(this.#indices.subarray(0, this.#length));
    weights.set(this.#weights.subarray(0, this.#length));
    [this.#indices, this.#weights] = [indices, weights];
  }
}

function firstOf<T extends Int32Array | Float32Array>(values: T, count: number): T {
  return (values.length === count ? values : values.slice(0, count)) as T;
}

/** Visits the places of the largest weights, as many as a budget allows, ascending; of equal weights the lower places. */
export function eachLargest(weights: Float32Array, budget: number, visit: (n: number) => void): void {
  if (weights.length <= budget) {
    for (let n = 0; n < weights.length; n++) visit(n);
    return;
  }
  const threshold = weights.slice().sort()[weights.length - budget];
  let atThreshold = budget;
  for (const weight of weights) if (weight > threshold) atThreshold--;
  for (let n = 0; n < weights.length; n++)
    if (weights[n] > threshold || (weights[n] === threshold && atThreshold-- > 0)) visit(n);
}
