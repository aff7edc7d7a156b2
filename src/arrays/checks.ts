// Checks of the caller's arguments for `llminit/kernels`, and the workspaces they go to.
import { assertCsr, type Csr } from '../data/csr.ts';
import { DataError, OptionError, ShapeError, shown } from '../errors.ts';
import { firstNonFinite } from '../format/finite.ts';
import { Runtime } from '../runtime/load.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** `Runtime.use`. @throws {OptionError} for what is no runtime */
export function use<M, T>(
  where: string,
  runtime: Runtime,
  layout: (workspace: Workspace) => M,
  job: (memory: M, workspace: Workspace) => T,
): T {
  if (!(runtime instanceof Runtime)) refuse(where, 'a Runtime', runtime, 'Pass what load() returns');
  return runtime.use(where, layout, job);
}

/** Rows of the table x, at least one. */
export function countTable(where: string, x: Float32Array, width: number): number {
  checkCounts(where, { width });
  const rows = countRows(where, 'x', x, width);
  checkCounts(where, { rows });
  return rows;
}

/** @throws {OptionError} unless every count is an integer ≥ 1 */
export function checkCounts(where: string, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) {
    if (Number.isSafeInteger(count) && count >= 1) continue;
    refuse(where, `${name} to be an integer ≥ 1`, count, 'Pass how many there are');
  }
}

/** @throws {OptionError} unless every value is in [0, below) */
export function checkRange(where: string, values: Readonly<Record<string, number>>, below: number): void {
  for (const [name, value] of Object.entries(values)) {
    if (!(typeof value === 'number' && value >= 0 && value < below))
      refuse(where, `${name} in [0, ${below})`, value, 'See AdamOptions');
  }
}

/** @throws {ShapeError} unless `values` is a Float32Array of rows × dim */
export function checkTable(
  where: string,
  name: string,
  values: Float32Array,
  rows: number,
  dim: number,
): void {
  if (values instanceof Float32Array && values.length === rows * dim) return;
  misfit(where, `${name} to be a Float32Array of ${rows} × ${dim} numbers`, values?.length);
}

/** Rows of a dense table. @throws {ShapeError} unless `values` is a Float32Array of whole rows */
export function countRows(where: string, name: string, values: Float32Array, dim: number): number {
  if (!(values instanceof Float32Array)) misfit(where, `${name} to be a Float32Array`, values);
  if (values.length % dim !== 0) misfit(where, `${name} to hold rows of ${dim} numbers`, values.length);
  return values.length / dim;
}

/** @throws {ShapeError} unless `csr` is a well-formed matrix of typed arrays */
export function checkCsr(where: string, name: string, csr: Csr): void {
  const { rowPtr, colIdx, values } = csr ?? {};
  const typed = rowPtr instanceof Int32Array && colIdx instanceof Int32Array;
  if (!typed) misfit(where, `${name} with rowPtr and colIdx in Int32Arrays`, 'other arrays');
  if (values && !(values instanceof Float32Array))
    misfit(where, `${name} with values in a Float32Array`, values);
  assertCsr(where, csr);
}

/** @throws {DataError} on NaN or Inf */
export function checkFinite(where: string, name: string, values: Float32Array): void {
  const at = firstNonFinite(values);
  if (at < 0) return;
  const problem = `expected finite ${name}, received ${values[at]} at position ${at}`;
  throw new DataError(where, problem, 'Remove or recompute that row');
}

/** @throws {ShapeError} always */
export function misfit(where: string, expected: string, received: unknown): never {
  throw new ShapeError(where, `expected ${expected}, received ${shown(received)}`, 'Pass arrays that fit');
}

/** @throws {OptionError} always */
export function refuse(where: string, expected: string, received: unknown, remedy: string): never {
  throw new OptionError(where, `expected ${expected}, received ${shown(received)}`, remedy);
}
