import { bucketPositions } from './positions.ts';

/**
 * Which of the rows of one user–item pair stands for all of them; `sum` adds up their numbers, `strongest` takes the
 * number farthest from 0.
 */
export type DuplicatePolicy = 'first' | 'last' | 'max' | 'sum' | 'strongest';

/** All values of `DuplicatePolicy`. */
export const DUPLICATE_POLICIES: readonly DuplicatePolicy[] = ['first', 'last', 'max', 'sum', 'strongest'];

/** Columns of one length; NaN where a row has no number or no time. */
export interface RowColumns {
  readonly users: Int32Array;
  readonly items: Int32Array;
  readonly values: Float32Array | null;
  readonly times: Float64Array | null;
}

/**
 * The positions of the rows that stand for their pair, ascending; null if no pair stands twice. `last` is the latest
 * by time where both rows have one, of equals and without times the one further down. `max` is the first row with the
 * highest number. `strongest` is the row with the number farthest from 0, of equals as `last`. `sum` is the first row; the numbers of the others are added to its own in `values`, in place.
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
      if (policy === 'sum' && values) values[before] = sum(values[before], values[row]);
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
  const isLater = !times || !(times[row] < times[before]);
  if (policy === 'last') return isLater;
  if (policy === 'strongest' && values) {
    const [old, young] = [strength(values[before]), strength(values[row])];
    return young > old || (young === old && isLater);
  }
  if (policy !== 'max' || !values) return false;
  return values[row] > values[before] || (Number.isNaN(values[before]) && !Number.isNaN(values[row]));
}

function strength(value: number): number {
  return Number.isNaN(value) ? -1 : Math.abs(value);
}

function sum(a: number, b: number): number {
  if (Number.isNaN(a)) return b;
  return Number.isNaN(b) ? a : a + b;
}
