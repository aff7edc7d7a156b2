import type { Matrix } from '../runtime/buffers.ts';
import { PURPOSE, Random } from '../runtime/random.ts';
import { Turns } from '../runtime/turns.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { denseProduct, productRoom } from './denseProduct.ts';

/** Rows that are assigned at a time. */
const CHUNK = 4096;
/** Columns of a distance that are added at a time. */
const COLUMNS = 32;

export interface KMeansOptions {
  /** Centres, at most as many as there are rows. */
  readonly size: number;
  /** Rounds of assignment and means, at most; it ends before where nothing moves. */
  readonly iterations: number;
  readonly seed: number;
  /** Another number, another start from the same seed. */
  readonly round: number;
  readonly signal?: AbortSignal;
}

export interface KMeans {
  /** [size × dim]; in f32, so that the code of a row is the same wherever it is looked for. */
  readonly centres: Float32Array;
  /** The nearest centre of each row, of equals the first. */
  readonly codes: Int32Array;
}

/**
 * Lloyd's k-means from rows drawn by k-means++ (Arthur & Vassilvitskii 2007). A centre that no row is nearest to moves to the row that is farthest from
 * its own, so that none stays unused as long as rows differ. Same rows, options and seed: same bytes. Products in f32, means in
 * float64 in the order of the rows.
 */
export async function kMeans(workspace: Workspace, rows: Matrix, options: KMeansOptions): Promise<KMeans> {
  const { iterations, seed, round, signal } = options;
  const size = Math.min(options.size, rows.rows);
  const centres = await spreadRows(rows, size, new Random(seed, PURPOSE.centres, round), signal);
  const turns = new Turns(signal);
  let found = nearestCentres(workspace, rows, centres);
  for (let n = 0; n < iterations; n++) {
    await turns.offer();
    moveCentres(rows, found, centres);
    const next = nearestCentres(workspace, rows, centres);
    const same = next.codes.every((code, row) => code === found.codes[row]);
    found = next;
    if (same) break;
  }
  return { centres, codes: found.codes };
}

/** Rows drawn one after the other in proportion to their squared distance to the nearest of those before; dense. */
async function spreadRows(
  { view, stride, dim, rows }: Matrix,
  size: number,
  random: Random,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const centres = new Float32Array(size * dim);
  const distances = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
  const turns = new Turns(signal);
  let drawn = random.below(rows);
  for (let c = 0; c < size; c++) {
    await turns.offer();
    const centre = centres.subarray(c * dim, (c + 1) * dim);
    centre.set(view.subarray(drawn * stride, drawn * stride + dim));
    let total = 0;
    for (let row = 0; row < rows; row++) {
      const nearest = distances[row];
      let sum = 0;
      // A row that is farther already needs no further column.
      for (let begin = 0; begin < dim && sum < nearest; begin += COLUMNS) {
        const end = Math.min(dim, begin + COLUMNS);
        for (let k = begin, at = row * stride + begin; k < end; k++, at++)
          sum += (view[at] - centre[k]) * (view[at] - centre[k]);
      }
      if (sum < nearest) distances[row] = sum;
      total += distances[row];
    }
    drawn = drawnAt(distances, random.uniform() * total);
  }
  return centres;
}

/** The first row at which the sum of the distances surpasses a place, else the last that has any. */
function drawnAt(distances: Float64Array, place: number): number {
  let [sum, last] = [0, 0];
  for (const [row, distance] of distances.entries()) {
    if (distance === 0) continue;
    last = row;
    sum += distance;
    if (sum > place) break;
  }
  return last;
}

/** The nearest centre of each row and the squared distance to it, 0 or more. */
export function nearestCentres(
  workspace: Workspace,
  rows: Matrix,
  centres: Float32Array,
): { codes: Int32Array; distances: Float64Array } {
  const { dim } = rows;
  const size = centres.length / dim;
  const norms = Float64Array.from({ length: size }, (_, c) =>
    squaredNorm(centres.subarray(c * dim, (c + 1) * dim)),
  );
  const codes = new Int32Array(rows.rows);
  const distances = new Float64Array(rows.rows);
  for (let first = 0; first < rows.rows; first += CHUNK) {
    const count = Math.min(CHUNK, rows.rows - first);
    const products = denseProduct(workspace, rows.slice(first, count), centres, size);
    for (let r = 0; r < count; r++) {
      let [best, least] = [0, Number.POSITIVE_INFINITY];
      for (let c = 0; c < size; c++) {
        const distance = norms[c] - 2 * products[r * size + c];
        if (distance < least) [best, least] = [c, distance];
      }
      codes[first + r] = best;
      distances[first + r] = Math.max(0, least + squaredNorm(rows.row(first + r).view));
    }
  }
  return { codes, distances };
}

/** What `nearestCentres`, and `kMeans`, allocate at the most for so many centres, in a workspace that only counts. */
export function nearestRoom(workspace: Workspace, rows: Matrix, size: number): void {
  // All chunks but the last are whole.
  for (const count of [Math.min(CHUNK, rows.rows), rows.rows % CHUNK])
    workspace.foresee(() => productRoom(workspace, rows.slice(0, count), size));
}

function moveCentres(
  rows: Matrix,
  { codes, distances }: { codes: Int32Array; distances: Float64Array },
  centres: Float32Array,
): void {
  const { dim } = rows;
  const size = centres.length / dim;
  const sums = new Float64Array(size * dim);
  const counts = new Int32Array(size);
  const { view, stride } = rows;
  for (const [row, code] of codes.entries()) {
    counts[code]++;
    for (let k = 0; k < dim; k++) sums[code * dim + k] += view[row * stride + k];
  }
  const taken = distances.slice();
  for (let c = 0; c < size; c++) {
    if (counts[c] > 0) for (let k = 0; k < dim; k++) centres[c * dim + k] = sums[c * dim + k] / counts[c];
    else centres.set(rows.row(takeFarthest(taken)).view, c * dim);
  }
}

/** The row of the largest distance, of equals the first, which is not taken again. */
function takeFarthest(distances: Float64Array): number {
  let farthest = 0;
  for (const [row, distance] of distances.entries()) if (distance > distances[farthest]) farthest = row;
  distances[farthest] = -1;
  return farthest;
}

function squaredNorm(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
}
