import { integer } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';
import { resolveOptions } from '../options/resolve.ts';
import { dot, explainPaths, type GraphExplanation, type LikedPart } from './explainPaths.ts';
import type { Person } from './person.ts';
import { checkScore } from './ranking.ts';
import type { PersonQuery } from './scoring/modelScorer.ts';
import type { ServingState } from './servingState.ts';

/**
 * What one item of a history adds to a score.
 *
 * @example
 * const [best] = recommender.recommend('u1');
 * const shares: readonly Share[] = recommender.explain('u1', best.id).shares;
 */
export interface Share {
  readonly id: string;
  readonly title: string | null;
  readonly share: number;
}

/**
 * Why an item has its score.
 *
 * @example
 * const [best] = recommender.recommend('u1');
 * const { shares, sentence }: Explanation = recommender.explain('u1', best.id);
 */
export interface Explanation {
  readonly score: number;
  /** What each item that the person likes adds, largest first; of a model of sequences what the score loses without it. */
  readonly shares: readonly Share[];
  /**
   * What training knows of the person beyond these items, or a model of sequences of their order; the shares and this sum to the
   * score. Else 0 for a history.
   */
  readonly rest: number;
  /** The ways through the graph that carry the score; null for a model without factors, or that knows nothing of people. */
  readonly graph: GraphExplanation | null;
  /** For people. */
  readonly sentence: string;
}

/**
 * What an explanation holds.
 *
 * @example
 * const options: ExplainOptions = { paths: 3 };
 * const { sentence } = recommender.explain('u1', recommender.recommend('u1')[0].id, options);
 */
export interface ExplainOptions {
  /** How many paths through the graph are listed, at most. Default 10. */
  readonly paths?: number;
}

const EXPLAIN_OPTIONS = {
  paths: integer({ about: 'how many paths through the graph are listed', min: 0, default: 10 }),
} satisfies DescriptorsOf<ExplainOptions>;

/** Items that the sentence names. */
const NAMED = 2;

/**
 * What the score of an item is made of. Sparse rows: exactly what each item of the history adds. Factors: a history's row is
 * a mean, of which each item has its part, exactly; a row from training is split into its part along that mean, and the rest.
 * A model of sequences mixes the whole history: what an item adds is what the score loses when it is taken out, which does not
 * sum to the score. Sums in float64.
 */
export function explain(
  state: ServingState,
  { query, basis, user }: Person,
  item: number,
  options: ExplainOptions | undefined,
): Explanation {
  const { paths } = resolveOptions(EXPLAIN_OPTIONS, options ?? {}, 'explain');
  const { scorer, catalogue } = state;
  const likes = Array.from(query.likes);
  const sums = new Float64Array(likes.length);
  let parts: LikedPart[] | null = null;
  for (const { part, weight, deviation } of scorer.shares) {
    if (part === 'rows') {
      const own = rowShares(state, likes, query.weights, item);
      for (let n = 0; n < likes.length; n++) sums[n] += (weight / deviation) * own[n];
    } else if (scorer.sequence) sums.set(lostScores(state, query, item));
    else if (part === 'factors') {
      parts = likedParts(state, query.row!, likes, query.weights, weight / deviation);
      const target = scorer.factors!.row(item);
      for (const [n, { item: like, by }] of parts.entries())
        sums[n] += by * dot(scorer.factors!.row(like), target);
    }
  }
  const score = scorer.scoreItems(query, [item])[0];
  checkScore(state, item, score);
  const order = [...likes.keys()].sort((a, b) => sums[b] - sums[a] || a - b);
  const shares = order.map((n) => ({
    id: catalogue.ids.at(likes[n]),
    title: catalogue.titleOf(likes[n]),
    share: sums[n],
  }));
  const rest = score - sums.reduce((a, b) => a + b, 0);
  const graph = parts && state.people.isKnown ? explainPaths(state, parts, item, user, score, paths) : null;
  return {
    score,
    shares,
    rest: basis === 'history' && Math.abs(rest) < 1e-5 * Math.max(1, Math.abs(score)) ? 0 : rest,
    graph,
    sentence: sentenceOf(state, item, shares, graph?.people ?? 0),
  };
}

/** What the row of each liked item is multiplied by in the person's row, as far as that lies along their mean. */
function likedParts(
  { scorer }: ServingState,
  row: Float32Array,
  likes: readonly number[],
  weights: ArrayLike<number> | null,
  factor: number,
): LikedPart[] {
  const factors = scorer.factors!;
  const total = likes.reduce((sum, _, n) => sum + Math.abs(weights?.[n] ?? 1), 0) || 1;
  const mean = new Float64Array(row.length);
  for (const [n, like] of likes.entries()) {
    const part = (weights?.[n] ?? 1) / total;
    for (const [c, value] of factors.row(like).entries()) mean[c] += part * value;
  }
  const along = (factor * dot(row, mean)) / (dot(mean, mean) || 1);
  return likes.map((item, n) => ({ item, by: (along * (weights?.[n] ?? 1)) / total }));
}

/** What the score loses without each liked item, in the order of the likes. */
function lostScores({ scorer }: ServingState, { likes, ordered = [] }: PersonQuery, item: number): number[] {
  const sequence = scorer.sequence!;
  const scoreBehind = (history: readonly number[]) =>
    sequence.scores ? sequence.scores(history)[item] : dot(sequence.row(history), scorer.factors!.row(item));
  const whole = scoreBehind(ordered);
  return Array.from(likes, (like) => whole - scoreBehind(ordered.filter((other) => other !== like)));
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

function sentenceOf(
  { catalogue }: ServingState,
  item: number,
  shares: readonly Share[],
  people: number,
): string {
  const name = ({ id, title }: { id: string; title: string | null }) => title || id;
  const named = shares
    .filter(({ share }) => share > 0)
    .slice(0, NAMED)
    .map(name);
  const own = name({ id: catalogue.ids.at(item), title: catalogue.titleOf(item) });
  if (named.length === 0) return `${own}: by what training knows of you`;
  const others =
    people === 0
      ? ''
      : people === 1
        ? '; 1 other who shares your taste likes it, too'
        : `; ${people} others who share your taste like it, too`;
  return `${own}: because you like ${named.join(' and ')}${others}`;
}
