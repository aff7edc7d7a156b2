import { ShapeError } from '../errors.ts';
import type { F32Buffer, I32Buffer, Matrix } from '../runtime/buffers.ts';
import { PURPOSE, seedWords } from '../runtime/random.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { noWider, sameWidth } from './layout.ts';

// What stands between the products of a block: factors of dropout, offsets, residuals, rows of other tables.

/** Where factors of dropout are drawn: each place and update has draws of its own. */
export interface DropoutDraw {
  /** In (0, 1): the share that becomes 0; the rest is divided by 1 − share. */
  readonly share: number;
  readonly seed: number;
  readonly place: number;
  readonly update: number;
}

/** Elements that `dropoutFactors` has room for when asked for `count`. */
export function factorsLength(count: number): number {
  return Math.ceil(count / 16) * 16;
}

/** factors[n] ← 0 or 1/(1 − share) for n < count. @throws {ShapeError} unless they have room up to a multiple of 16 */
export function dropoutFactors(
  ws: Workspace,
  factors: F32Buffer,
  count: number,
  { share, seed, place, update }: DropoutDraw,
): void {
  if (factors.length < factorsLength(count)) {
    const problem = `expected room for ${factorsLength(count)} factors, received ${factors.length}`;
    throw new ShapeError('dropoutFactors', problem, 'Round the room up to 16');
  }
  const threshold = Math.floor(share * 2 ** 32);
  const kept = 1 / (1 - share);
  const words = [...seedWords(seed), place, PURPOSE.dropout, update] as const;
  ws.wasm.dropout_factors_f32(factors.ptr, count, threshold, kept, ...words);
}

/** y ← x · factors for the first `count` rows; factors lie as x does. */
export function multiply(ws: Workspace, x: Matrix, factors: F32Buffer, y: Matrix, count: number): void {
  sameWidth('multiply', x, y);
  ws.wasm.multiply_f32(x.ptr, factors.ptr, y.ptr, count * x.stride);
}

/** y ← x + factors · (y + bias) for the first `count` rows; factors lie as y does, null for all 1. */
export function addResidual(
  ws: Workspace,
  y: Matrix,
  bias: F32Buffer,
  factors: F32Buffer | null,
  x: Matrix,
  count: number,
): void {
  sameWidth('addResidual', x, y);
  ws.wasm.add_residual_f32(y.ptr, bias.ptr, factors?.ptr ?? 0, x.ptr, count, y.stride);
}

/** x ← x + bias for the first `count` rows. */
export function addBias(ws: Workspace, x: Matrix, bias: F32Buffer, count: number): void {
  ws.wasm.add_bias_f32(x.ptr, bias.ptr, count, x.stride);
}

/** sums += the first `count` rows of x, in order. */
export function addColumnSums(ws: Workspace, x: Matrix, count: number, sums: F32Buffer): void {
  ws.wasm.add_column_sums_f32(x.ptr, count, x.stride, sums.ptr);
}

/** y[i] += table[rows[i]] for i < count. */
export function addGathered(ws: Workspace, table: Matrix, rows: I32Buffer, count: number, y: Matrix): void {
  noWider('addGathered', table, y);
  noWider('addGathered', y, table);
  ws.wasm.add_gathered_f32(table.ptr, rows.ptr, count, y.stride, y.ptr);
}
