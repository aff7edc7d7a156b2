import { estimatedTokens } from '../embed/plan.ts';
import {
  bootstrapInterval,
  combineEmbeddings,
  type Embeddings,
  evaluate,
  evaluateScorer,
  fit,
  initialize,
  l3ae,
  type Runtime,
  type Split,
  spectrum,
} from '../index.ts';
import { textOnly } from '../models/closed/textOnly.ts';
import { tableText } from './tables.ts';

/** NDCG@10 over the test users, with its 95 % interval. */
export interface Score {
  readonly ndcg: number;
  readonly interval: readonly [number, number];
}

/** What vectors are worth to recommenders. */
export interface EncoderScores {
  /** Ranking by text without training; null without texts. */
  readonly textOnly: Score | null;
  /** A closed form that learns from texts and clicks. */
  readonly l3ae: Score;
  /** LightGCN that starts from graph PCA of the vectors, after some epochs; null where none are asked for. */
  readonly graph: Score | null;
}

/** What one embedder is worth, and what it costs. */
export interface EncoderReport extends EncoderScores {
  /** `none` for models without vectors, to compare with. */
  readonly embedder: string;
  readonly source: string | null;
  readonly width: number | null;
  readonly withVector: number;
  /** Of the centred vectors of norm 1; null where there are too many columns for a look. */
  readonly effectiveRank: number | null;
  readonly twinShare: number | null;
  readonly secondsPer10000: number | null;
  /** As estimated, of embedders that read texts. */
  readonly tokensPer10000: number | null;
}

/** How scores are measured. */
export interface ScoreContext {
  readonly split: Split;
  readonly seed: number;
  /** Epochs of LightGCN; 0 for none. */
  readonly graphEpochs: number;
  readonly runtime: Runtime;
  readonly signal: AbortSignal;
}

/** Columns beyond which the spectrum takes minutes. */
const MOST_COLUMNS = 1024;

/** @param vectors null for models without vectors */
export async function scoresOf(vectors: Embeddings | null, context: ScoreContext): Promise<EncoderScores> {
  const { split, runtime, signal } = context;
  const scored = async (scorer: Parameters<typeof evaluateScorer>[0]) =>
    scoreOf((await evaluateScorer(scorer, split, { runtime })).perUser['ndcg@10'], context);
  return {
    textOnly: vectors && (await scored(await textOnly(split.train, vectors, { runtime }))),
    l3ae: await scored(await l3ae(split.train, vectors, { runtime, signal })),
    graph: context.graphEpochs === 0 ? null : await graphScore(vectors, context),
  };
}

async function graphScore(vectors: Embeddings | null, context: ScoreContext): Promise<Score> {
  const { split, seed, graphEpochs: epochs, runtime, signal } = context;
  const strategy = vectors ? 'graph-pca' : 'xavier';
  const initial = await initialize(split.train, vectors, { strategy, seed, runtime, signal });
  const { factors } = await fit(split, initial, { epochs, seed, runtime, signal });
  return scoreOf((await evaluate(factors, split, { runtime })).perUser['ndcg@10'], context);
}

function scoreOf(perUser: ArrayLike<number>, { seed }: ScoreContext): Score {
  const { low, high } = bootstrapInterval(perUser, { seed });
  const ndcg = Array.from(perUser).reduce((sum, value) => sum + value, 0) / perUser.length;
  return { ndcg, interval: [low, high] };
}

/** Of the directions in which items differ: vectors of encoders share a large common part. */
export function effectiveRank(vectors: Embeddings): number | null {
  if (vectors.width > MOST_COLUMNS) return null;
  const centred = combineEmbeddings([{ embeddings: vectors }], vectors.ids);
  return spectrum(centred.vectors, centred.width).effectiveRank;
}

/** Tokens of 10,000 such texts, blank ones aside, as `estimatedTokens` counts them. */
export function tokensPer10000(texts: readonly string[]): number | null {
  const present = texts.filter((text) => text.trim() !== '');
  if (present.length === 0) return null;
  const tokens = present.reduce((sum, text) => sum + estimatedTokens(text), 0);
  return Math.round((10_000 * tokens) / present.length);
}

/** The reports as a table for people. */
export function encoderTable(encoders: readonly EncoderReport[]): string {
  const score = (given: Score | null) =>
    given ? `${given.ndcg.toFixed(4)} (${given.interval.map((end) => end.toFixed(4)).join('–')})` : '–';
  const number = (value: number | null, digits: number) => (value === null ? '–' : value.toFixed(digits));
  const withGraph = encoders.some(({ graph }) => graph !== null);
  const head = ['embedder', 'width', 'rank', 'twins', 'text-only NDCG@10', 'L3AE NDCG@10'];
  if (withGraph) head.push('LightGCN NDCG@10');
  head.push('s / 10,000 items', 'tokens / 10,000 items');
  const rows = encoders.map((one) => [
    one.embedder,
    number(one.width, 0),
    number(one.effectiveRank, 0),
    one.twinShare === null ? '–' : `${Math.round(100 * one.twinShare)} %`,
    ...[score(one.textOnly), score(one.l3ae)],
    ...(withGraph ? [score(one.graph)] : []),
    number(one.secondsPer10000, 1),
    one.tokensPer10000 === null ? '–' : `≈ ${one.tokensPer10000}`,
  ]);
  return tableText(head, rows);
}
