import { DataError, ShapeError } from '../errors.ts';
import { checkArgument } from '../options/arguments.ts';
import type { Csr } from '../runtime/csr.ts';
import { withoutTurns } from '../runtime/turns.ts';
import { CSR, checkIsInteractions } from './argumentKinds.ts';
import type { Interactions } from './interactions.ts';
import { bucketPositions, picked } from './positions.ts';

export type { Csr } from '../runtime/csr.ts';

/**
 * The binary user × item matrix R of the interactions, in linear time.
 *
 * @throws {DataError} if a pair stands twice, which `Interactions.from` never lets happen
 * @example
 * const matrix = interactionsToCsr(interactions);
 * [matrix.rows, matrix.cols]; // → [60, 40]
 */
export function interactionsToCsr(interactions: Interactions): Csr {
  return withoutTurns(csrInPieces(interactions));
}

/** As `interactionsToCsr`, in pieces of work: of ten million interactions, each takes a part of a second. */
export function csrInPieces(interactions: Interactions): Generator<void, Csr> {
  checkIsInteractions(interactions, 'interactionsToCsr');
  return csrOf(interactions, interactions.users, interactions.items);
}

/** The same matrix with the rows of some users alone, the others empty. @param wanted marks them, [users] */
export function csrOfUsers(interactions: Interactions, wanted: Uint8Array): Csr {
  const { users, items, length } = interactions;
  let count = 0;
  for (let p = 0; p < length; p++) count += wanted[users[p]];
  if (count === length) return withoutTurns(csrOf(interactions, users, items));
  const [ownUsers, ownItems] = [new Int32Array(count), new Int32Array(count)];
  for (let p = 0, n = 0; p < length; p++) {
    if (wanted[users[p]] === 0) continue;
    ownUsers[n] = users[p];
    ownItems[n++] = items[p];
  }
  return withoutTurns(csrOf(interactions, ownUsers, ownItems));
}

/** The matrix of some pairs of a set. */
function* csrOf(
  { numUsers, numItems, userIds, itemIds }: Interactions,
  users: Int32Array,
  items: Int32Array,
): Generator<void, Csr> {
  const { length } = users;
  const rowPtr = new Int32Array(numUsers + 1);
  for (let p = 0; p < length; p++) rowPtr[users[p] + 1]++;
  for (let u = 0; u < numUsers; u++) rowPtr[u + 1] += rowPtr[u];
  const next = rowPtr.slice(0, numUsers);
  const colIdx = new Int32Array(length);
  yield;
  // Visiting by item makes the columns of every row ascend without a sort.
  const { order } = bucketPositions(items, numItems);
  yield;
  for (const p of order) {
    const user = users[p];
    const at = next[user]++;
    colIdx[at] = items[p];
    if (at > rowPtr[user] && colIdx[at - 1] === items[p]) {
      const problem = `user ${userIds[user]} and item ${itemIds[items[p]]} stand twice`;
      throw new DataError('interactionsToCsr', problem, 'Build the interactions with Interactions.from');
    }
  }
  return { rows: numUsers, cols: numItems, rowPtr, colIdx, values: null };
}

/** The weights of the interactions in the order of `interactionsToCsr`; null if all are alike. */
export function weightsInRows(interactions: Interactions): Float32Array | null {
  const { users, items, numUsers, numItems, weights } = interactions;
  if (weights === null) return null;
  const { start } = bucketPositions(users, numUsers);
  const next = start.slice(0, numUsers);
  const placed = new Float32Array(weights.length);
  for (const p of bucketPositions(items, numItems).order) placed[next[users[p]]++] = weights[p];
  return placed;
}

/**
 * The transposed matrix, cols × rows, in linear time.
 *
 * @throws {OptionError} if `csr` is no matrix
 * @throws {ShapeError} if it is not a well-formed one
 * @example
 * const byItem = transpose(interactionsToCsr(interactions));
 * [byItem.rows, byItem.cols]; // → [40, 60]
 */
export function transpose(csr: Csr): Csr {
  return withoutTurns(transposeInPieces(csr));
}

/** As `transpose`, in pieces of work. */
export function* transposeInPieces(csr: Csr): Generator<void, Csr> {
  checkArgument(CSR, csr, 'csr', 'transpose');
  assertCsr('transpose', csr);
  yield;
  const { start, order } = bucketPositions(csr.colIdx, csr.cols);
  yield;
  const rowOf = new Int32Array(csr.colIdx.length);
  for (let r = 0; r < csr.rows; r++) rowOf.fill(r, csr.rowPtr[r], csr.rowPtr[r + 1]);
  return {
    rows: csr.cols,
    cols: csr.rows,
    rowPtr: start,
    colIdx: order.map((p) => rowOf[p]),
    values: picked(csr.values, order),
  };
}

/** @throws {ShapeError} unless the arrays fit the sizes and the columns of every row ascend within range */
export function assertCsr(where: string, csr: Csr): void {
  const { rows, cols, rowPtr, colIdx, values } = csr;
  const fail = (problem: string): never => {
    throw new ShapeError(where, problem, 'Pass a CSR matrix with ascending columns');
  };
  if (rowPtr.length !== rows + 1)
    fail(`rowPtr has ${rowPtr.length} entries, expected rows + 1 = ${rows + 1}`);
  if (rowPtr[0] !== 0 || rowPtr[rows] !== colIdx.length) {
    fail(`rowPtr runs from ${rowPtr[0]} to ${rowPtr[rows]}, expected 0 to nnz = ${colIdx.length}`);
  }
  if (values && values.length !== colIdx.length) {
    fail(`values has ${values.length} entries, expected nnz = ${colIdx.length}`);
  }
  for (let r = 0; r < rows; r++) {
    if (rowPtr[r] > rowPtr[r + 1]) fail(`rowPtr falls from ${rowPtr[r]} to ${rowPtr[r + 1]} at row ${r}`);
    for (let n = rowPtr[r], previous = -1; n < rowPtr[r + 1]; n++) {
      const col = colIdx[n];
      if (col <= previous || col >= cols) {
        fail(`row ${r} has column ${col} after ${previous}, expected ascending columns below ${cols}`);
      }
      previous = col;
    }
  }
}
