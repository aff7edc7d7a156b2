import { OptionError, shown } from '../../errors.ts';
import type { OptionDescriptor } from '../../options/descriptor.ts';
import { RowCutter } from '../../rank/largestEntries.ts';
import type { SparseRows } from '../../rank/sparseRows.ts';
import type { Turns } from '../../runtime/turns.ts';

/** Rows that are cut before the event loop may have a turn. */
const TURN_ROWS = 256;
/** Columns that are looked through before it may have one. */
const TURN_COLUMNS = 4096;
/** Entries of rows that are held before they are cut: with all columns twice, rows of 200,000 items would take 160 MB more. */
const PART_ENTRIES = 2 ** 22;

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
 * Weights by column: what flows into item j is entries colPtr[j] … colPtr[j + 1] − 1, from items `sources`.
 *
 * @example
 * const columns: ItemColumns = {
 *   numItems: 2,
 *   colPtr: Int32Array.of(0, 1, 1),
 *   sources: Int32Array.of(1),
 *   weights: Float32Array.of(0.5),
 * };
 */
export interface ItemColumns {
  readonly numItems: number;
  readonly colPtr: Int32Array;
  readonly sources: Int32Array;
  readonly weights: Float32Array;
}

/**
 * The same weights by row, each cut to its budget. The order of a column's entries does not matter.
 * @param most entries of rows that are held before they are cut, if a row has no more
 */
export async function rowsFromColumns(
  { numItems, colPtr, sources, weights }: ItemColumns,
  budgets: Float64Array,
  turns: Turns,
  most = PART_ENTRIES,
): Promise<SparseRows> {
  const start = new Int32Array(numItems + 1);
  for (let n = 0; n < colPtr[numItems]; n++) start[sources[n] + 1]++;
  for (let i = 0; i < numItems; i++) start[i + 1] += start[i];
  const cutter = new RowCutter(budgets, (row) => start[row + 1] - start[row]);
  for (let first = 0; first < numItems; ) {
    const end = endOfPart(start, first, most);
    const next = start.slice(first, end);
    const targets = new Int32Array(start[end] - start[first]);
    const values = new Float32Array(targets.length);
    for (let j = 0; j < numItems; j++) {
      if (j % TURN_COLUMNS === 0) await turns.offer();
      for (let n = colPtr[j]; n < colPtr[j + 1]; n++) {
        const source = sources[n];
        if (source < first || source >= end) continue;
        const at = next[source - first]++ - start[first];
        targets[at] = j;
        values[at] = weights[n];
      }
    }
    for (let i = first; i < end; i++) {
      if (i % TURN_ROWS === 0) await turns.offer();
      const [from, to] = [start[i] - start[first], start[i + 1] - start[first]];
      cutter.add(targets.subarray(from, to), values.subarray(from, to));
    }
    first = end;
  }
  return cutter.rows();
}

/** The last of the rows from `first` on that are made at a time: as many as have so many entries, one at least. */
function endOfPart(start: Int32Array, first: number, most: number): number {
  let end = first + 1;
  while (end + 1 < start.length && start[end + 1] - start[first] <= most) end++;
  return end;
}
