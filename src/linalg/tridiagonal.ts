import { PURPOSE, Random } from '../runtime/random.ts';

/** Spacing of float64 at 1. */
const EPSILON = 2 ** -52;
/** Eigenvalues closer than this share of the norm have their vectors made orthogonal to each other; those of others are so up to
 *  2⁻⁵² divided by their distance, at most 2e-10, far below what f32 can tell. */
const CLUSTER = 1e-6;
/** Steps of inverse iteration; two suffice for a start that is not orthogonal to the vector. */
const ITERATIONS = 3;

/** A symmetric tridiagonal matrix: [n] on the diagonal, [n − 1 or more] beside it. */
export interface Tridiagonal {
  readonly diagonal: Float64Array;
  readonly offDiagonal: Float64Array;
}

/**
 * T = Qᵀ A Q for a symmetric A by Householder reflections, without Q: for the eigenvalues of small matrices alone.
 * Source: Golub & Van Loan, Algorithm 8.3.1.
 *
 * @param a dense n × n, overwritten
 */
export function tridiagonalForm(a: Float64Array, n: number): Tridiagonal {
  const offDiagonal = new Float64Array(n);
  const v = new Float64Array(n);
  const w = new Float64Array(n);
  for (let k = 0; k + 1 < n; k++) {
    let squares = 0;
    for (let i = k + 1; i < n; i++) {
      v[i] = a[i * n + k];
      squares += v[i] * v[i];
    }
    const alpha = v[k + 1] > 0 ? -Math.sqrt(squares) : Math.sqrt(squares);
    const length = squares - alpha * v[k + 1];
    offDiagonal[k] = alpha;
    if (!(length > 0)) continue;
    v[k + 1] -= alpha;
    reflectBothSides(a, n, k + 1, v, w, 1 / length);
  }
  return { diagonal: Float64Array.from({ length: n }, (_, i) => a[i * (n + 1)]), offDiagonal };
}

/** A ← H A H for H = I − factor v vᵀ, over rows and columns from `first` on. */
function reflectBothSides(
  a: Float64Array,
  n: number,
  first: number,
  v: Float64Array,
  w: Float64Array,
  factor: number,
): void {
  let product = 0;
  for (let i = first; i < n; i++) {
    let sum = 0;
    for (let j = first; j < n; j++) sum += a[i * n + j] * v[j];
    w[i] = factor * sum;
    product += w[i] * v[i];
  }
  for (let i = first; i < n; i++) w[i] -= (factor / 2) * product * v[i];
  for (let i = first; i < n; i++) for (let j = first; j < n; j++) a[i * n + j] -= v[i] * w[j] + w[i] * v[j];
}

/**
 * The `count` largest eigenvalues, descending, by bisection with Sturm sequences: each to the last bits of the norm.
 * Source: Golub & Van Loan, §8.4.1.
 */
export function largestEigenvalues(t: Tridiagonal, count: number): Float64Array {
  const n = t.diagonal.length;
  const { low, high } = gershgorin(t);
  const least = smallestPivot(t);
  const squares = t.offDiagonal.map((value) => value * value);
  const values = new Float64Array(count);
  let upper = high;
  for (let k = 0; k < count; k++) {
    // The (k+1)-th largest: n − k − 1 eigenvalues lie below what lies above it.
    let [below, above] = [low, upper];
    while (above - below > 2 * EPSILON * (Math.abs(below) + Math.abs(above)) + 2 * least) {
      const middle = below + (above - below) / 2;
      if (middle <= below || middle >= above) break;
      if (countBelow(t.diagonal, squares, middle, least) > n - k - 1) above = middle;
      else below = middle;
    }
    values[k] = Math.min(below + (above - below) / 2, k > 0 ? values[k - 1] : high);
    upper = above;
  }
  return values;
}

/** How many eigenvalues lie below x. */
function countBelow(diagonal: Float64Array, squares: Float64Array, x: number, least: number): number {
  let count = 0;
  let pivot = diagonal[0] - x;
  for (let i = 0; ; i++) {
    if (Math.abs(pivot) < least) pivot = -least;
    if (pivot < 0) count++;
    if (i + 1 === diagonal.length) return count;
    pivot = diagonal[i + 1] - x - squares[i] / pivot;
  }
}

/**
 * Eigenvectors of given eigenvalues, orthonormal rows [count × n], by inverse iteration from random starts.
 * Source: Golub & Van Loan, §8.2.2; vectors of close eigenvalues are orthogonalised as in LAPACK's `dstein`.
 *
 * @param values descending
 */
export function eigenvectors(t: Tridiagonal, values: Float64Array): Float64Array {
  const n = t.diagonal.length;
  const norm = normOf(t);
  const random = new Random(0, PURPOSE.spectrum, 1);
  const vectors = new Float64Array(values.length * n);
  let clusterStart = 0;
  for (let k = 0; k < values.length; k++) {
    if (k > 0 && values[k - 1] - values[k] > CLUSTER * norm) clusterStart = k;
    const row = vectors.subarray(k * n, (k + 1) * n);
    for (let i = 0; i < n; i++) row[i] = random.uniform() - 0.5;
    const factors = factorize(t, values[k], EPSILON * norm);
    for (let round = 0; round < ITERATIONS; round++) {
      solve(factors, row);
      scaleToUnit(row);
      // Twice in the end, since what is left may be small.
      for (let pass = 0; pass < (round + 1 < ITERATIONS ? 1 : 2); pass++) {
        for (let j = clusterStart; j < k; j++) removeDirection(row, vectors.subarray(j * n, (j + 1) * n));
      }
      scaleToUnit(row);
    }
  }
  return vectors;
}

/** The factors of T − λI with row exchanges: U has two off-diagonals. */
interface Factors {
  readonly pivots: Float64Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
  readonly multipliers: Float64Array;
  readonly exchanged: Uint8Array;
}

function factorize({ diagonal, offDiagonal }: Tridiagonal, value: number, least: number): Factors {
  const n = diagonal.length;
  const pivots = new Float64Array(n);
  const first = new Float64Array(n);
  const second = new Float64Array(n);
  const multipliers = new Float64Array(n);
  const exchanged = new Uint8Array(n);
  const floor = least > 0 ? least : EPSILON;
  let pivot = diagonal[0] - value;
  let next = n > 1 ? offDiagonal[0] : 0;
  for (let i = 0; i + 1 < n; i++) {
    const below = offDiagonal[i];
    const own = diagonal[i + 1] - value;
    const after = i + 2 < n ? offDiagonal[i + 1] : 0;
    if (Math.abs(below) > Math.abs(pivot)) {
      exchanged[i] = 1;
      multipliers[i] = pivot / below;
      [pivots[i], first[i], second[i]] = [below, own, after];
      pivot = next - multipliers[i] * own;
      next = -multipliers[i] * after;
    } else {
      if (Math.abs(pivot) < floor) pivot = floor;
      multipliers[i] = below / pivot;
      [pivots[i], first[i]] = [pivot, next];
      pivot = own - multipliers[i] * next;
      next = after;
    }
  }
  pivots[n - 1] = Math.abs(pivot) < floor ? floor : pivot;
  return { pivots, first, second, multipliers, exchanged };
}

/** x ← (T − λI)⁻¹ x */
function solve({ pivots, first, second, multipliers, exchanged }: Factors, x: Float64Array): void {
  const n = x.length;
  for (let i = 0; i + 1 < n; i++) {
    if (exchanged[i]) [x[i], x[i + 1]] = [x[i + 1], x[i]];
    x[i + 1] -= multipliers[i] * x[i];
  }
  for (let i = n - 1; i >= 0; i--) {
    let value = x[i];
    if (i + 1 < n) value -= first[i] * x[i + 1];
    if (i + 2 < n) value -= second[i] * x[i + 2];
    x[i] = value / pivots[i];
  }
}

function scaleToUnit(x: Float64Array): void {
  let largest = 0;
  for (const value of x) largest = Math.max(largest, Math.abs(value));
  if (largest === 0) return;
  let squares = 0;
  for (let i = 0; i < x.length; i++) {
    x[i] /= largest;
    squares += x[i] * x[i];
  }
  const factor = 1 / Math.sqrt(squares);
  for (let i = 0; i < x.length; i++) x[i] *= factor;
}

function removeDirection(x: Float64Array, unit: Float64Array): void {
  // Four sums, which a processor adds at once.
  let [a, b, c, d] = [0, 0, 0, 0];
  const end = x.length - (x.length % 4);
  for (let i = 0; i < end; i += 4) {
    a += x[i] * unit[i];
    b += x[i + 1] * unit[i + 1];
    c += x[i + 2] * unit[i + 2];
    d += x[i + 3] * unit[i + 3];
  }
  for (let i = end; i < x.length; i++) a += x[i] * unit[i];
  const share = a + b + (c + d);
  for (let i = 0; i < x.length; i++) x[i] -= share * unit[i];
}

/** An interval that holds all eigenvalues. */
function gershgorin({ diagonal, offDiagonal }: Tridiagonal): { low: number; high: number } {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < diagonal.length; i++) {
    const left = i > 0 ? Math.abs(offDiagonal[i - 1]) : 0;
    const right = i + 1 < diagonal.length ? Math.abs(offDiagonal[i]) : 0;
    low = Math.min(low, diagonal[i] - left - right);
    high = Math.max(high, diagonal[i] + left + right);
  }
  const margin = 4 * EPSILON * Math.max(Math.abs(low), Math.abs(high));
  return { low: low - margin, high: high + margin };
}

function normOf(t: Tridiagonal): number {
  const { low, high } = gershgorin(t);
  return Math.max(Math.abs(low), Math.abs(high));
}

/** Pivots of a Sturm sequence that are smaller count as this. */
function smallestPivot(t: Tridiagonal): number {
  return Math.max(EPSILON * EPSILON * normOf(t), Number.MIN_VALUE / EPSILON);
}
