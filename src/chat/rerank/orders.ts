import { PURPOSE, Random } from '../../runtime/random.ts';

/** The constant of reciprocal rank fusion. Source: Cormack, Clarke, Büttcher, SIGIR 2009. */
const FUSION = 60;
/** One-sided, at a level of 1 %. */
const QUANTILE = 2.33;

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
 * How far rounds agree: the mean over their pairs of Kendall's τ, over the pairs of candidates of which both rounds named at
 * least one. 1: the same order, 0: no relation, −1: reversed. null for fewer than two rounds.
 */
export function agreementOf(rounds: readonly RoundOrder[], count: number): number | null {
  if (rounds.length < 2) return null;
  const places = rounds.map(({ order }) => {
    const place = new Int32Array(count);
    for (const [at, candidate] of order.entries()) place[candidate] = at;
    return place;
  });
  let sum = 0;
  let pairs = 0;
  for (let a = 0; a < rounds.length; a++) {
    for (let b = a + 1; b < rounds.length; b++) {
      sum += kendall(places[a], rounds[a].named, places[b], rounds[b].named);
      pairs++;
    }
  }
  return sum / pairs;
}

function kendall(first: Int32Array, firstNamed: number, second: Int32Array, secondNamed: number): number {
  let balance = 0;
  let stated = 0;
  for (let i = 0; i < first.length; i++) {
    for (let j = i + 1; j < first.length; j++) {
      if (Math.min(first[i], first[j]) >= firstNamed || Math.min(second[i], second[j]) >= secondNamed)
        continue;
      stated++;
      balance += first[i] < first[j] === second[i] < second[j] ? 1 : -1;
    }
  }
  return stated === 0 ? 0 : balance / stated;
}

/**
 * The agreement that orders drawn at random, independent of each other, exceed once in a hundred times; at most 1.
 * Kendall's τ of two has the variance 2 (2n + 5) / (9 n (n − 1)) (Kendall 1938), and the τ of different pairs of
 * independent orders are uncorrelated.
 */
export function chanceAgreement(count: number, rounds: number): number {
  const variance = (2 * (2 * count + 5)) / (9 * count * (count - 1));
  const pairs = (rounds * (rounds - 1)) / 2;
  return Math.min(1, QUANTILE * Math.sqrt(variance / pairs));
}
