import { OptionError, shown } from '../../errors.ts';
import type { OptionDescriptor } from '../../options/descriptor.ts';
import type { SparseRows } from '../../rank/sparseRows.ts';
import type { Turns } from '../../runtime/turns.ts';

/** Rows that are cut before the event loop may have a turn. */
const TURN_ROWS = 256;
/** The fewest entries that a row is allowed. */
const LEAST_ENTRIES = 4;

/** Entries of a row, on average, that lose next to nothing: more where items have more neighbours to tell apart. */
export function defaultEntries(numItems: number): number {
  if (numItems < 5_000) return 20;
  return numItems < 20_000 ? 32 : 50;
}

/** The option `entries` of what learns sparse rows. */
export const ENTRIES: OptionDescriptor<number, undefined> = {
  type: 'number',
  range: 'a number > 0, or Infinity for all',
  default: undefined,
  defaultText: '20 below 5,000 items, 32 below 20,000, 50 above',
  source: 'within 0.6 % of all entries on datasets of 1,583 to 40,981 items',
  about: 'entries of the row of an item that are kept, on average',
  check(value, name, where) {
    if (typeof value === 'number' && value > 0) return value;
    const problem = `expected ${name} to be ${this.range}, received ${shown(value)}`;
    throw new OptionError(where, problem, `Change ${name}, or leave it out`, name);
  },
  parse: (text) => (Number(text) > 0 ? Number(text) : undefined),
  fingerprint: (entries) => (entries === Number.POSITIVE_INFINITY ? 'all' : entries),
};

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
  #indices = new Int32Array(1024);
  #weights = new Float32Array(1024);
  #row = 0;
  #length = 0;

  /** @param budgets entries that each row may keep, at most: see `rowBudgets` */
  constructor(budgets: Float64Array) {
    this.#budgets = budgets;
    this.#rowPtr = new Int32Array(budgets.length + 1);
  }

  /** The next row: entries with ascending indices. Of equal weights the lower indices are kept. */
  add(indices: Int32Array, weights: Float32Array): void {
    const budget = this.#budgets[this.#row];
    this.#reserve(Math.min(budget, weights.length));
    if (weights.length <= budget) {
      for (let n = 0; n < weights.length; n++) this.#push(indices[n], weights[n]);
    } else {
      const threshold = weights.slice().sort()[weights.length - budget];
      let atThreshold = budget;
      for (const weight of weights) if (weight > threshold) atThreshold--;
      for (let n = 0; n < weights.length; n++) {
        if (weights[n] > threshold || (weights[n] === threshold && atThreshold-- > 0))
          this.#push(indices[n], weights[n]);
      }
    }
    this.#row++;
    this.#rowPtr[this.#row] = this.#length;
  }

  /** All rows, once every one has been added. */
  rows(): SparseRows {
    return {
      numItems: this.#budgets.length,
      rowPtr: this.#rowPtr,
      indices: this.#indices.slice(0, this.#length),
      weights: this.#weights.slice(0, this.#length),
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

/** Weights by column: what flows into item j is entries colPtr[j] … colPtr[j + 1] − 1, from items `sources`. */
export interface ItemColumns {
  readonly numItems: number;
  readonly colPtr: Int32Array;
  readonly sources: Int32Array;
  readonly weights: Float32Array;
}

/** The same weights by row, each cut to its budget. The order of a column's entries does not matter. */
export async function rowsFromColumns(
  columns: ItemColumns,
  budgets: Float64Array,
  turns: Turns,
): Promise<SparseRows> {
  const { numItems, colPtr, sources, weights } = columns;
  const start = new Int32Array(numItems + 1);
  for (let n = 0; n < colPtr[numItems]; n++) start[sources[n] + 1]++;
  for (let i = 0; i < numItems; i++) start[i + 1] += start[i];
  const next = start.slice(0, numItems);
  const targets = new Int32Array(start[numItems]);
  const values = new Float32Array(start[numItems]);
  for (let j = 0; j < numItems; j++) {
    for (let n = colPtr[j]; n < colPtr[j + 1]; n++) {
      const at = next[sources[n]]++;
      targets[at] = j;
      values[at] = weights[n];
    }
  }
  const cutter = new RowCutter(budgets);
  for (let i = 0; i < numItems; i++) {
    if (i % TURN_ROWS === 0) await turns.offer();
    cutter.add(targets.subarray(start[i], start[i + 1]), values.subarray(start[i], start[i + 1]));
  }
  return cutter.rows();
}
