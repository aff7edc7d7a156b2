import { bucketPositions } from './positions.ts';

/**
 * Which of the rows of one user–item pair stands for all of them: the earliest or latest by time, without times by line,
 * or the one with the highest number, or (`strongest`) with that farthest from 0; `sum` adds up their numbers.
 *
 * @example
 * const duplicates: DuplicatePolicy = 'max';
 * const { interactions } = await readInteractions(ratingsCsv, { duplicates });
 */
export type DuplicatePolicy = 'first' | 'last' | 'max' | 'sum' | 'strongest';

/**
 * All values of `DuplicatePolicy`.
 *
 * @example
 * DUPLICATE_POLICIES.includes('last'); // → true
 */
export const DUPLICATE_POLICIES: readonly DuplicatePolicy[] = ['first', 'last', 'max', 'sum', 'strongest'];

/** Columns of one length; NaN where a row has no number or no time. */
export interface RowColumns {
  readonly users: Int32Array;
  readonly items: Int32Array;
  readonly values: Float32Array | null;
  readonly times: Float64Array | null;
}

/**
 * The positions of the rows that stand for their pair, ascending; null if no pair stands twice. `first` is the earliest
 * by time and `last` the latest, of equals and without times the one further up or down; a row with a time goes before
 * one without. `max` is the first line with the highest number, `strongest` the row with the number farthest from 0, of
 * equals as `last`. `sum` is as `first`; the numbers of the others are added to its own in `values`, in place.
 */
export function representatives(
  { users, items, values, times }: RowColumns,
  numUsers: number,
  numItems: number,
  policy: DuplicatePolicy,
): Int32Array | null {
  const { start, order } = bucketPositions(users, numUsers);
  const lastUser = new Int32Array(numItems).fill(-1);
  const chosen = new Int32Array(numItems);
  const dropped = new Uint8Array(users.length);
  let left = users.length;
  for (let user = 0; user < numUsers; user++) {
    for (let n = start[user]; n < start[user + 1]; n++) {
      const row = order[n];
      const item = items[row];
      if (lastUser[item] !== user) {
        lastUser[item] = user;
        chosen[item] = row;
        continue;
      }
      const before = chosen[item];
      const replaces = isBetter(policy, before, row, values, times);
      if (policy === 'sum' && values) values[replaces ? row : before] = sum(values[before], values[row]);
      dropped[replaces ? before : row] = 1;
      if (replaces) chosen[item] = row;
      left--;
    }
  }
  if (left === users.length) return null;
  const positions = new Int32Array(left);
  for (let row = 0, n = 0; row < dropped.length; row++) if (dropped[row] === 0) positions[n++] = row;
  return positions;
}

/** Whether a later row of a pair takes the place of an earlier one. */
function isBetter(
  policy: DuplicatePolicy,
  before: number,
  row: number,
  values: Float32Array | null,
  times: Float64Array | null,
): boolean {
  const isLater = !times || !isBefore(times[row], times[before], true);
  if (policy === 'first' || policy === 'sum')
    return times !== null && isBefore(times[row], times[before], false);
  if (policy === 'last') return isLater;
  if (policy === 'strongest' && values) {
    const [old, young] = [strength(values[before]), strength(values[row])];
    return young > old || (young === old && isLater);
  }
  if (policy !== 'max' || !values) return false;
  return values[row] > values[before] || (Number.isNaN(values[before]) && !Number.isNaN(values[row]));
}

/** Whether a time is before another; one that is missing is before all others, or after. */
function isBefore(time: number, other: number, isMissingFirst: boolean): boolean {
  if (Number.isNaN(time)) return isMissingFirst && !Number.isNaN(other);
  return Number.isNaN(other) ? !isMissingFirst : time < other;
}

function strength(value: number): number {
  return Number.isNaN(value) ? -1 : Math.abs(value);
}

function sum(a: number, b: number): number {
  if (Number.isNaN(a)) return b;
  return Number.isNaN(b) ? a : a + b;
}
