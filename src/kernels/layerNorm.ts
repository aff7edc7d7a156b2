import type { F32Buffer, Matrix } from '../runtime/buffers.ts';
import { evenChunks } from '../runtime/rowJobs.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { sameWidth } from './layout.ts';

/** Rows of a chunk. */
const ROWS = 256;

/**
 * out ← gamma (x − μ)/√(σ² + epsilon) + beta for the first `count` rows; out may be x. gamma and beta [stride] are 0 behind
 * dim; stats [2 · count] takes μ and 1/√(σ² + epsilon), for the way back.
 * @throws {ShapeError} unless the tables have one stride
 */
export function layerNorm(
  ws: Workspace,
  x: Matrix,
  count: number,
  gamma: F32Buffer,
  beta: F32Buffer,
  epsilon: number,
  out: Matrix,
  stats: F32Buffer,
): void {
  sameWidth('layerNorm', x, out);
  const args = [x.ptr, gamma.ptr, beta.ptr, x.dim, x.stride, epsilon, out.ptr, stats.ptr, 0, 0];
  ws.run({
    ...{ kernel: 'layer_norm_f32', args, beginAt: 8, chunks: evenChunks(count, ROWS), scratch: [] },
    work: 4 * count * x.dim,
  });
}

/**
 * The way back of `layerNorm`: dX from dOut, which may be the same; dGamma and dBeta accumulated, rows ascending.
 * @param x as it was before the normalisation
 */
export function layerNormBackward(
  ws: Workspace,
  dOut: Matrix,
  x: Matrix,
  count: number,
  gamma: F32Buffer,
  stats: F32Buffer,
  dX: Matrix,
  dGamma: F32Buffer,
  dBeta: F32Buffer,
): void {
  for (const table of [dOut, dX]) sameWidth('layerNormBackward', x, table);
  const inputs = [dOut.ptr, x.ptr, gamma.ptr, stats.ptr, count, x.dim, x.stride] as const;
  ws.wasm.layer_norm_backward_f32(...inputs, dX.ptr, dGamma.ptr, dBeta.ptr);
}
