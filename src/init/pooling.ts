import type { Csr } from '../data/csr.ts';
import { OptionError, shown } from '../errors.ts';
import { poolMax } from '../kernels/pooling.ts';
import { columnMoments, type MomentsRoom, momentsRoom } from '../kernels/select.ts';
import { spmm } from '../kernels/spmm.ts';
import type { Matrix } from '../runtime/buffers.ts';
import type { CsrMatrix } from '../runtime/csrMatrix.ts';
import type { Workspace } from '../runtime/workspace.ts';

/**
 * How a user's row comes from the rows of their items: their mean, their maximum by column, or LightGCN's
 * normalised sum.
 *
 * @example
 * POOLINGS.includes('mean'); // → true
 */
export const POOLINGS = ['mean', 'max', 'lightgcn'] as const;

/**
 * How a user's row is made of the rows of the user's training items (LLMInit, Eq. 1 and Table 5).
 *
 * @example
 * const pooling: Pooling = 'mean';
 * const tables = await initialize(split.train, embeddings, { dim: 8, pooling });
 */
export type Pooling = (typeof POOLINGS)[number];

/**
 * User rows from item rows [numItems × dim], written to `users` [numUsers × dim].
 *
 * `mean`: uᵢ = 1/|Nᵢ| Σ_{j∈Nᵢ} vⱼ (Eq. 1). `max`: element-wise. `lightgcn`: uᵢ = Σ_{j∈Nᵢ} vⱼ / √(|Nᵢ|·|Nⱼ|), one step
 * of normalised neighbourhood aggregation. A user without a training item gets the mean of all item rows.
 *
 * @param interactions users × items of the training set
 * @returns how many users had no training item
 * @throws {OptionError} on an unknown pooling
 */
export function poolUsers(
  workspace: Workspace,
  interactions: Csr,
  items: Matrix,
  users: Matrix,
  pooling: Pooling = 'mean',
  room = poolingRoom(workspace, interactions, items),
): number {
  if (!POOLINGS.includes(pooling)) {
    throw new OptionError(
      'poolUsers',
      `expected ${POOLINGS.join(', ')}, received ${shown(pooling)}`,
      'Pass one of them',
    );
  }
  const csr = room.csr.fill({ ...interactions, values: poolingWeights(interactions, pooling) });
  if (pooling === 'max') poolMax(workspace, csr, items, users);
  else spmm(workspace, csr, items, users);
  return fillEmpty(workspace, interactions, items, users, room.moments);
}

/** What `poolUsers` computes in. */
export interface PoolingRoom {
  readonly csr: CsrMatrix;
  /** Of the items, whose mean is what a user without items gets. */
  readonly moments: MomentsRoom;
}

/** Room for `poolUsers`, in a workspace that may only count. */
export function poolingRoom(workspace: Workspace, { rows, cols, colIdx }: Csr, items: Matrix): PoolingRoom {
  return { csr: workspace.csrRoom(rows, cols, colIdx.length), moments: momentsRoom(workspace, items) };
}

/** Weight of each interaction in its user's sum, computed in float64. */
function poolingWeights({ rows, cols, rowPtr, colIdx }: Csr, pooling: Pooling): Float32Array {
  const weights = new Float32Array(colIdx.length);
  const itemDegrees = new Int32Array(cols);
  for (const item of colIdx) itemDegrees[item]++;
  for (let user = 0; user < rows; user++) {
    const degree = rowPtr[user + 1] - rowPtr[user];
    for (let e = rowPtr[user]; e < rowPtr[user + 1]; e++) {
      weights[e] = pooling === 'lightgcn' ? 1 / Math.sqrt(degree * itemDegrees[colIdx[e]]) : 1 / degree;
    }
  }
  return weights;
}

function fillEmpty(
  workspace: Workspace,
  { rows, rowPtr }: Csr,
  items: Matrix,
  users: Matrix,
  room: MomentsRoom,
): number {
  const empty: number[] = [];
  for (let user = 0; user < rows; user++) if (rowPtr[user] === rowPtr[user + 1]) empty.push(user);
  if (empty.length === 0) return 0;
  columnMoments(workspace, items, items.rows, room);
  const row = room.mean.view.slice();
  const view = users.view;
  for (const user of empty) view.set(row, user * users.stride);
  return empty.length;
}
