import { assertCsr, type Csr, interactionsToCsr, transpose, weightsInRows } from './csr.ts';
import type { Interactions } from './interactions.ts';
import { sequencesOf, type UserSequences } from './sequences.ts';

/**
 * Â = D^-½ A D^-½ of a symmetric binary A; norms are 0 where a row is empty.
 *
 * @example
 * const { rowPtr, values }: NormalizedCsr = new Graph(split.train).adjacency;
 * values.length === rowPtr.at(-1); // → true
 */
export type NormalizedCsr = Csr & { readonly values: Float32Array; readonly norms: Float32Array };

/**
 * What the memory of a training depends on: a `Graph` has it, and it is known before one is built.
 *
 * @example
 * const size: GraphSize = new Graph(split.train);
 */
export interface GraphSize {
  readonly numUsers: number;
  readonly numItems: number;
  readonly numNodes: number;
  /** Entries of R. */
  readonly numEdges: number;
  /** Neighbours of the node that has the most. */
  readonly maxDegree: number;
  /** Items of each user. */
  readonly userDegrees: Int32Array;
}

/** The size that the graph of these interactions will have. */
export function graphSize({ numUsers, numItems, users, items }: Interactions): GraphSize {
  const userDegrees = countsOf(users, numUsers);
  const maxDegree = Math.max(largest(userDegrees), largest(countsOf(items, numItems)));
  return {
    numUsers,
    numItems,
    numNodes: numUsers + numItems,
    numEdges: users.length,
    maxDegree,
    userDegrees,
  };
}

/** How often each key stands in a column. */
function countsOf(column: Int32Array, keys: number): Int32Array {
  const counts = new Int32Array(keys);
  for (const key of column) counts[key]++;
  return counts;
}

function largest(counts: Int32Array): number {
  return counts.reduce((most, count) => Math.max(most, count), 0);
}

/**
 * The bipartite graph of the training interactions. Nodes are the users 0 … numUsers−1, then the items at
 * offset numUsers.
 *
 * @example
 * const graph = new Graph(split.train);
 * graph.numUsers; // → 60
 */
export class Graph implements GraphSize {
  readonly numUsers: number;
  readonly numItems: number;
  /** R, numUsers × numItems, binary */
  readonly interactions: Csr;
  /**
   * Â = D^-½ A D^-½ with A = [[0, R], [Rᵀ, 0]], numNodes × numNodes, symmetric (He et al., LightGCN, 2020,
   * Eq. 8). Each value is 1/√(dᵣ·d_c) in float64, rounded to f32 once. A node without a neighbour has an
   * empty row.
   */
  readonly adjacency: NormalizedCsr;
  /** number of neighbours of each node */
  readonly degrees: Int32Array;
  /** how much each entry of R counts when it is trained on; null: all alike. The graph itself stays binary */
  readonly weights: Float32Array | null;
  /** pairs with an explicit low rating, numUsers × numItems; null if there are none */
  readonly disliked: Csr | null;
  readonly #train: Interactions | null;
  #sequences: UserSequences | null = null;

  /**
   * @param train training interactions, or R as a user × item matrix, whose values are ignored
   * @param disliked over the same users and items
   * @throws {ShapeError} if R is not a well-formed matrix
   * @throws {DataError} if a user–item pair stands twice
   */
  constructor(train: Interactions | Csr, disliked: Interactions | null = null) {
    const csr = isCsr(train) ? { ...train, values: null } : interactionsToCsr(train);
    this.interactions = csr;
    this.numUsers = csr.rows;
    this.numItems = csr.cols;
    this.adjacency = normalizedAdjacency(csr);
    this.weights = isCsr(train) ? null : weightsInRows(train);
    this.disliked = disliked && interactionsToCsr(disliked);
    this.#train = isCsr(train) ? null : train;
    const { rowPtr } = this.adjacency;
    this.degrees = Int32Array.from({ length: this.numNodes }, (_, node) => rowPtr[node + 1] - rowPtr[node]);
  }

  /** The training items of each user, oldest first; of a matrix in the order of its columns. */
  get sequences(): UserSequences {
    const { rowPtr, colIdx } = this.interactions;
    this.#sequences ??= this.#train
      ? sequencesOf([this.#train])
      : { rowPtr, items: colIdx, weights: this.weights };
    return this.#sequences;
  }

  get numNodes(): number {
    return this.numUsers + this.numItems;
  }

  get numEdges(): number {
    return this.interactions.colIdx.length;
  }

  get maxDegree(): number {
    return largest(this.degrees);
  }

  get userDegrees(): Int32Array {
    return this.degrees.subarray(0, this.numUsers);
  }
}

function normalizedAdjacency(r: Csr): NormalizedCsr {
  const rt = transpose(r);
  const nnz = r.colIdx.length;
  const numNodes = r.rows + r.cols;
  const rowPtr = new Int32Array(numNodes + 1);
  rowPtr.set(r.rowPtr);
  for (let i = 1; i <= r.cols; i++) rowPtr[r.rows + i] = nnz + rt.rowPtr[i];
  const colIdx = new Int32Array(2 * nnz);
  for (let n = 0; n < nnz; n++) colIdx[n] = r.colIdx[n] + r.rows;
  colIdx.set(rt.colIdx, nnz);
  const values = new Float32Array(2 * nnz);
  const norms = new Float32Array(numNodes);
  for (let node = 0; node < numNodes; node++) {
    const degree = rowPtr[node + 1] - rowPtr[node];
    if (degree > 0) norms[node] = 1 / Math.sqrt(degree);
    for (let n = rowPtr[node]; n < rowPtr[node + 1]; n++) {
      const neighbour = colIdx[n];
      values[n] = 1 / Math.sqrt(degree * (rowPtr[neighbour + 1] - rowPtr[neighbour]));
    }
  }
  return { rows: numNodes, cols: numNodes, rowPtr, colIdx, values, norms };
}

/** @throws {ShapeError} for a matrix whose parts do not fit together */
function isCsr(train: Interactions | Csr): train is Csr {
  if (typeof train !== 'object' || train === null || !('rowPtr' in train)) return false;
  assertCsr('Graph', train);
  return true;
}
