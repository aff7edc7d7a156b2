import { EigenvalueDecomposition, Matrix as SmallMatrix } from 'ml-matrix';
import { OptionError } from '../errors.ts';
import type { Matrix } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** Principal coordinates and the share of the variance they keep. */
export interface PrincipalCoordinates {
  /** rows × dim, columns by descending variance. */
  readonly coordinates: Matrix;
  /** Variance of the kept components divided by the variance of all. */
  readonly varianceKept: number;
}

/**
 * Coordinates of centred rows x [rows × N] on their first `dim` principal components: x V, V the eigenvectors of
 * xᵀx by descending eigenvalue. The sign of each component makes its largest entry positive.
 *
 * @param x centred columns; stride a multiple of 8
 * @throws {OptionError} when there are fewer than `dim` components: dim must be ≤ min(N, rows − 1)
 */
export function principalCoordinates(workspace: Workspace, x: Matrix, dim: number): PrincipalCoordinates {
  const most = Math.min(x.dim, x.rows - 1);
  if (dim > most) {
    throw new OptionError(
      'pca',
      `expected dim ≤ ${most} for ${x.rows} items with vectors of ${x.dim}, received ${dim}`,
      `Lower dim to ${most} or less`,
    );
  }
  const coordinates = workspace.matrix((x.rows + 3) & ~3, dim, (dim + 7) & ~7);
  const mark = workspace.mark();
  const { values, vectors } = eigenvectors(workspace, x, dim);
  const components = workspace.matrixFrom(vectors, dim, x.dim);
  const panels = workspace.f32(((dim + 7) & ~7) * x.dim);
  workspace.kernels.packPanels(components, panels);
  const padded = workspace.matrix(coordinates.rows, x.dim, x.stride);
  padded.view.set(x.view);
  workspace.kernels.gemmNt(padded, panels, dim, coordinates);
  workspace.release(mark);
  const kept = values.slice(0, dim).reduce((sum, value) => sum + value, 0);
  const all = values.reduce((sum, value) => sum + value, 0);
  return { coordinates: coordinates.slice(0, x.rows), varianceKept: all > 0 ? kept / all : 1 };
}

/** All eigenvalues of xᵀx, descending, and the first `count` eigenvectors as rows. */
function eigenvectors(workspace: Workspace, x: Matrix, count: number): { values: number[]; vectors: Float32Array } {
  const n = x.dim;
  const gram = workspace.f64(x.stride * x.stride);
  workspace.kernels.gram(x, gram);
  const view = gram.view;
  const small = new SmallMatrix(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      small.set(i, j, view[i * x.stride + j]);
      small.set(j, i, view[i * x.stride + j]);
    }
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(small, { assumeSymmetric: true });
  // ml-matrix gives ascending eigenvalues for symmetric matrices.
  const vectors = new Float32Array(count * n);
  for (let k = 0; k < count; k++) {
    const column = eigenvectorMatrix.getColumn(n - 1 - k);
    const sign = Math.sign(column.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0)) || 1;
    for (let i = 0; i < n; i++) vectors[k * n + i] = sign * column[i];
  }
  return { values: [...realEigenvalues].reverse().map((value) => Math.max(0, value)), vectors };
}
