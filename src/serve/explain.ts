import type { Person } from './person.ts';
import type { ServingState } from './servingState.ts';

/** What one item of a history adds to a score. */
export interface Share {
  readonly id: string;
  readonly title: string | null;
  readonly share: number;
}

/** Why an item has its score. */
export interface Explanation {
  readonly score: number;
  /** What each item that the person likes adds, largest first. */
  readonly shares: readonly Share[];
  /** What training knows of the person beyond these items; the shares and this sum to the score. 0 for a history. */
  readonly rest: number;
  /** For people. */
  readonly sentence: string;
}

/** Items that the sentence names. */
const NAMED = 2;

/**
 * What the score of an item is made of. Sparse rows: exactly what each item of the history adds. Factors: a history's row is
 * a mean, of which each item has its part, exactly; a row from training is split into its part along that mean, and the rest.
 * Sums in float64.
 */
export function explain(state: ServingState, { query, basis }: Person, item: number): Explanation {
  const { scorer, catalogue } = state;
  const likes = Array.from(query.likes);
  const sums = new Float64Array(likes.length);
  for (const { part, weight, deviation } of scorer.shares) {
    const own =
      part === 'factors'
        ? factorShares(state, query.row!, likes, query.weights, item)
        : part === 'rows'
          ? rowShares(state, likes, query.weights, item)
          : null;
    for (let n = 0; own && n < likes.length; n++) sums[n] += (weight / deviation) * own[n];
  }
  const score = scorer.scoreItems(query, [item])[0];
  const order = [...likes.keys()].sort((a, b) => sums[b] - sums[a] || a - b);
  const shares = order.map((n) => ({
    id: catalogue.ids.at(likes[n]),
    title: catalogue.titleOf(likes[n]),
    share: sums[n],
  }));
  const rest = score - sums.reduce((a, b) => a + b, 0);
  return {
    score,
    shares,
    rest: basis === 'history' && Math.abs(rest) < 1e-5 * Math.max(1, Math.abs(score)) ? 0 : rest,
    sentence: sentenceOf(state, item, shares),
  };
}

function factorShares(
  { scorer }: ServingState,
  row: Float32Array,
  likes: readonly number[],
  weights: ArrayLike<number> | null,
  item: number,
): Float64Array {
  const factors = scorer.factors!;
  const total = likes.reduce((sum, _, n) => sum + Math.abs(weights?.[n] ?? 1), 0) || 1;
  const rows = likes.map((like, n) =>
    factors.row(like).map((value) => (value * (weights?.[n] ?? 1)) / total),
  );
  const mean = Float64Array.from(row, (_, c) => rows.reduce((sum, own) => sum + own[c], 0));
  const along = dot(row, mean) / (dot(mean, mean) || 1);
  const target = factors.row(item);
  return Float64Array.from(rows, (own) => along * dot(own, target));
}

function rowShares(
  { scorer }: ServingState,
  likes: readonly number[],
  weights: ArrayLike<number> | null,
  item: number,
): Float64Array {
  return Float64Array.from(likes, (like, n) => {
    const entry = scorer.rows!.row(like).find((own) => own.item === item);
    return (entry?.weight ?? 0) * (weights?.[n] ?? 1);
  });
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let c = 0; c < a.length; c++) sum += a[c] * b[c];
  return sum;
}

function sentenceOf({ catalogue }: ServingState, item: number, shares: readonly Share[]): string {
  const name = ({ id, title }: { id: string; title: string | null }) => title || id;
  const named = shares
    .filter(({ share }) => share > 0)
    .slice(0, NAMED)
    .map(name);
  const own = name({ id: catalogue.ids.at(item), title: catalogue.titleOf(item) });
  if (named.length === 0) return `${own}: by what training knows of you`;
  return `${own}: because you like ${named.join(' and ')}`;
}
