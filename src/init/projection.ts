import { denseProduct } from '../linalg/denseProduct.ts';
import type { Matrix } from '../runtime/buffers.ts';
import { PURPOSE, Random } from '../runtime/random.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** Uniform numbers in a normal one: their sum has variance 1. */
const UNIFORMS = 12;

/**
 * x G [rows × dim] for x [rows × N] and a random G [N × dim] of independent entries with mean 0 and variance 1/dim, which
 * keeps inner products in expectation (Johnson & Lindenstrauss 1984; Indyk & Motwani, STOC 1998). Deviation: an entry
 * is a sum of 12 uniform numbers, normal but for its tails beyond 6 sd, since logarithms differ between engines.
 */
export function gaussianProjection(workspace: Workspace, x: Matrix, dim: number, seed: number): Float32Array {
  const random = new Random(seed, PURPOSE.projection);
  const scale = 1 / Math.sqrt(dim);
  const transposed = new Float64Array(x.dim * dim);
  for (let k = 0; k < x.dim; k++) {
    for (let c = 0; c < dim; c++) {
      let sum = -UNIFORMS / 2;
      for (let n = 0; n < UNIFORMS; n++) sum += random.uniform();
      transposed[c * x.dim + k] = sum * scale;
    }
  }
  return denseProduct(workspace, x, transposed, dim);
}
