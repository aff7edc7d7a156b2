import { gemmNt, packPanels } from '../../kernels/gemm.ts';
import { rankScores } from '../../kernels/itemRows.ts';
import type { Matrix } from '../../runtime/buffers.ts';
import { PURPOSE, Random } from '../../runtime/random.ts';
import { roundUp } from '../../runtime/roundUp.ts';
import type { Turns } from '../../runtime/turns.ts';
import type { Workspace } from '../../runtime/workspace.ts';

/** Clusters whose items are compared with a cluster's, its own included. */
const PROBES = 16;
/** Rounds of k-means after the random start. */
const ROUNDS = 2;
/** Rows multiplied at a time; a multiple of 4. */
const CHUNK_ROWS = 256;

/** With how many rows, centroids and items, `textNeighbours` compares an item, on average. */
export function comparedByClusters(items: number): number {
  return (ROUNDS + 1 + PROBES) * Math.sqrt(items);
}

/** For each item j the items i of largest score, [items × count], −1 where there are fewer; best first. */
export interface NeighbourLists {
  readonly count: number;
  readonly items: Int32Array;
}

/**
 * Approximate search for large catalogues: items are put into √items clusters, and those of a cluster are compared with
 * those of its 16 nearest clusters alone, exactly. Same rows: same lists.
 * Source: inverted files (Jégou, Douze & Schmid, TPAMI 2011), without their codes; deviation: the clusters that are
 * searched are those near the target's cluster, so that the targets of a cluster share one product.
 *
 * @param targets [items × N], rows f_j up to a factor of their own
 * @param sources [items × N]; score(i, j) = ⟨sources[i], targets[j]⟩
 * @param isWanted the targets that get a list; default: all
 */
export async function textNeighbours(
  workspace: Workspace,
  targets: Matrix,
  sources: Matrix,
  items: number,
  count: number,
  turns: Turns,
  isWanted: (target: number) => boolean = () => true,
): Promise<NeighbourLists> {
  const mark = workspace.mark();
  const { centroids, clusterOf } = await cluster(workspace, targets, items, turns);
  const members = membersOf(clusterOf, centroids.rows);
  const near = nearestClusters(workspace, centroids, members);
  const lists = new Int32Array(items * count).fill(-1);
  for (const [c, all] of members.entries()) {
    await turns.offer();
    const own = all.filter(isWanted);
    if (own.length === 0) continue;
    const candidates = Int32Array.from(near[c].flatMap((other) => members[other])).sort();
    compare(workspace, targets, own, sources, candidates, count, lists);
  }
  workspace.release(mark);
  return { count, items: lists };
}

/** k-means on directions: centroids are sums of unit rows, and the nearest is that of the largest cosine. */
async function cluster(workspace: Workspace, rows: Matrix, items: number, turns: Turns) {
  const clusters = roundUp(Math.max(1, Math.floor(Math.sqrt(items))), 4);
  const centroids = workspace.matrix(clusters, rows.dim, rows.stride);
  const random = new Random(0, PURPOSE.projection, 1);
  for (let c = 0; c < clusters; c++) {
    const from = random.below(items) * rows.stride;
    centroids.view.set(rows.view.subarray(from, from + rows.stride), c * rows.stride);
  }
  normalize(centroids);
  let clusterOf = await nearest(workspace, rows, items, centroids, turns);
  for (let round = 0; round < ROUNDS; round++) {
    centroids.view.fill(0);
    const [from, to] = [rows.view, centroids.view];
    for (let i = 0; i < items; i++) {
      const at = clusterOf[i] * rows.stride;
      const length = lengthOf(from, i * rows.stride, rows.stride);
      if (length === 0) continue;
      for (let k = 0; k < rows.stride; k++) to[at + k] += from[i * rows.stride + k] / length;
    }
    normalize(centroids);
    clusterOf = await nearest(workspace, rows, items, centroids, turns);
  }
  return { centroids, clusterOf };
}

/** The centroid of the largest product with each row; of equal ones the first. */
async function nearest(
  workspace: Workspace,
  rows: Matrix,
  items: number,
  centroids: Matrix,
  turns: Turns,
): Promise<Int32Array> {
  const mark = workspace.mark();
  const width = roundUp(centroids.rows, 8);
  const panels = workspace.f32(width * centroids.dim);
  packPanels(workspace, centroids, panels);
  const scores = workspace.matrix(CHUNK_ROWS, centroids.rows, width);
  const found = new Int32Array(items);
  for (let first = 0; first < items; first += CHUNK_ROWS) {
    await turns.offer();
    const count = Math.min(CHUNK_ROWS, roundUp(items - first, 4));
    gemmNt(workspace, rows.slice(first, count), panels, centroids.rows, scores.slice(0, count));
    const view = scores.view;
    for (let r = 0; r < Math.min(count, items - first); r++) {
      let best = 0;
      for (let c = 1; c < centroids.rows; c++) if (view[r * width + c] > view[r * width + best]) best = c;
      found[first + r] = best;
    }
  }
  workspace.release(mark);
  return found;
}

function membersOf(clusterOf: Int32Array, clusters: number): number[][] {
  const members: number[][] = Array.from({ length: clusters }, () => []);
  for (const [item, c] of clusterOf.entries()) members[c].push(item);
  return members;
}

/** For each cluster those with items nearest to it, itself among them. */
function nearestClusters(workspace: Workspace, centroids: Matrix, members: readonly number[][]): number[][] {
  const mark = workspace.mark();
  const width = roundUp(centroids.rows, 8);
  const panels = workspace.f32(width * centroids.dim);
  packPanels(workspace, centroids, panels);
  const scores = workspace.matrix(centroids.rows, centroids.rows, width);
  gemmNt(workspace, centroids, panels, centroids.rows, scores);
  const view = scores.view.slice();
  workspace.release(mark);
  const filled = members.flatMap((own, c) => (own.length > 0 ? [c] : []));
  return members.map((_, c) =>
    [...filled]
      .sort((a, b) => Number(b === c) - Number(a === c) || view[c * width + b] - view[c * width + a] || a - b)
      .slice(0, PROBES),
  );
}

/** Writes the best candidates of each target to its list. */
function compare(
  workspace: Workspace,
  targets: Matrix,
  own: readonly number[],
  sources: Matrix,
  candidates: Int32Array,
  count: number,
  lists: Int32Array,
): void {
  const mark = workspace.mark();
  const width = roundUp(candidates.length, 8);
  const panels = workspace.f32(width * sources.dim);
  packPanels(workspace, gathered(workspace, sources, candidates), panels);
  // One more than wanted, since an item is its own best source.
  const most = Math.min(count + 1, candidates.length);
  const block = Math.min(CHUNK_ROWS, roundUp(own.length, 4));
  const scores = workspace.matrix(block, candidates.length, width);
  const nothing = workspace.i32(block * maskWords(candidates.length));
  const top = {
    scores: workspace.f32(block * most),
    items: workspace.i32<'item'>(block * most),
    counts: workspace.i32(block),
  };
  for (let first = 0; first < own.length; first += block) {
    const some = own.slice(first, first + block);
    const inner = workspace.mark();
    const rows = gathered(workspace, targets, some);
    gemmNt(workspace, rows, panels, candidates.length, scores.slice(0, rows.rows));
    rankScores(workspace, scores, some.length, nothing, 4 * maskWords(candidates.length), most, top);
    const [items, found] = [top.items.view, top.counts.view];
    for (const [n, target] of some.entries()) {
      let place = target * count;
      for (let k = 0; k < found[n] && place < (target + 1) * count; k++) {
        const item = candidates[items[n * most + k]];
        if (item !== target) lists[place++] = item;
      }
    }
    workspace.release(inner);
  }
  workspace.release(mark);
}

function maskWords(bits: number): number {
  return Math.ceil(bits / 32);
}

/** Some rows of a table, their number rounded up to a multiple of 4. */
function gathered(workspace: Workspace, table: Matrix, rows: ArrayLike<number>): Matrix {
  const out = workspace.matrix(roundUp(rows.length, 4), table.dim, table.stride);
  const [from, to] = [table.view, out.view];
  for (let n = 0; n < rows.length; n++)
    to.set(from.subarray(rows[n] * table.stride, (rows[n] + 1) * table.stride), n * table.stride);
  return out;
}

function normalize({ view, rows, stride }: Matrix): void {
  for (let r = 0; r < rows; r++) {
    const length = lengthOf(view, r * stride, stride) || 1;
    for (let at = r * stride; at < (r + 1) * stride; at++) view[at] /= length;
  }
}

function lengthOf(view: Float32Array, first: number, count: number): number {
  let squares = 0;
  for (let at = first; at < first + count; at++) squares += view[at] * view[at];
  return Math.sqrt(squares);
}
