import { log2 } from '../../runtime/log2.ts';
import { PURPOSE, Random } from '../../runtime/random.ts';

/** The constant of reciprocal rank fusion. Source: Cormack, Clarke, Büttcher, SIGIR 2009. */
const FUSION = 60;
/** Of agreement by chance. */
const DEVIATIONS = 3;

/** The order in which a round shows the candidates: place n shows candidate order[n]. */
export function shuffledOrder(count: number, seed: number, round: number, content: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, n) => n);
  return new Random(seed, PURPOSE.shuffle, round, content).shuffle(order);
}

/** What one round says: candidates in its order, the first `named` of which it named; the others stand as they were. */
export interface RoundOrder {
  readonly order: readonly number[];
  readonly named: number;
}

/** A round's order of all candidates: those that it named, then the others in our order. */
export function completed(named: readonly number[], count: number): RoundOrder {
  const isNamed = new Set(named);
  const others = Array.from({ length: count }, (_, n) => n).filter((n) => !isNamed.has(n));
  return { order: [...named, ...others], named: named.length };
}

/** Candidates by the sum of their places over the rounds, the lowest first (Borda); of equals, as they were. */
export function bordaOrder(rounds: readonly RoundOrder[], count: number): number[] {
  const sums = new Float64Array(count);
  for (const { order } of rounds) for (const [place, candidate] of order.entries()) sums[candidate] += place;
  return Array.from({ length: count }, (_, n) => n).sort((a, b) => sums[a] - sums[b] || a - b);
}

/**
 * Our order, which is 0 … n−1, fused with another one: score = (1 − w) / (60 + own rank) + w / (60 + other rank), ranks
 * from 1; of equals, as they were. With w = ½ it is the order of Σ 1 / (60 + rank).
 */
export function fused(other: readonly number[], weight: number): number[] {
  const scores = new Float64Array(other.length);
  for (const [place, candidate] of other.entries())
    scores[candidate] = (1 - weight) / (FUSION + candidate + 1) + weight / (FUSION + place + 1);
  return Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a] || a - b);
}

/**
 * How far rounds agree: the mean over their pairs of the correlation of what places count in NDCG, 1 / log₂(1 + place), so that
 * rounds that put the same few first agree, however they order the rest. Candidates that a round leaves out share the mean of
 * the places behind those that it names. 1: the same order, about 0: no relation. null for fewer than two rounds.
 */
export function agreementOf(rounds: readonly RoundOrder[], count: number): number | null {
  if (rounds.length < 2) return null;
  const values = rounds.map((round) => centredDiscounts(round, count));
  let sum = 0;
  let pairs = 0;
  for (let a = 0; a < rounds.length; a++) {
    for (let b = a + 1; b < rounds.length; b++) {
      sum += correlation(values[a], values[b]);
      pairs++;
    }
  }
  return sum / pairs;
}

/** What the place of each candidate counts, less the mean. */
function centredDiscounts({ order, named }: RoundOrder, count: number): Float64Array {
  const discounts = Float64Array.from({ length: count }, (_, place) => 1 / log2(place + 2));
  const mean = discounts.reduce((total, value) => total + value, 0) / count;
  const left = discounts.subarray(named);
  left.fill(left.reduce((total, value) => total + value, 0) / left.length);
  const values = new Float64Array(count);
  for (const [place, candidate] of order.entries()) values[candidate] = discounts[place] - mean;
  return values;
}

function correlation(a: Float64Array, b: Float64Array): number {
  let [product, squaresA, squaresB] = [0, 0, 0];
  for (let n = 0; n < a.length; n++) {
    product += a[n] * b[n];
    squaresA += a[n] * a[n];
    squaresB += b[n] * b[n];
  }
  const squares = squaresA * squaresB;
  return squares === 0 ? 0 : product / Math.sqrt(squares);
}

/**
 * The agreement that orders drawn at random, independent of each other, reach in one or two of a hundred cases; at most 1. The
 * correlation of fixed values over two random orders has the variance 1 / (n − 1), and those of different pairs of independent
 * orders are uncorrelated; three standard deviations, since its upper tail is longer than a normal one's.
 */
export function chanceAgreement(count: number, rounds: number): number {
  const pairs = (rounds * (rounds - 1)) / 2;
  // The same order reaches 1 but for rounding.
  return Math.min(1 - 1e-9, DEVIATIONS / Math.sqrt((count - 1) * pairs));
}
