import {
  chooseEase,
  type Embeddings,
  evaluate,
  evaluateScorer,
  initialize,
  itemKnn,
  type MetricsResult,
  type Protocol,
  popularity,
  propagateTables,
  RECOMMENDED_STRATEGY,
  type Runtime,
  type Scorer,
  type Split,
} from '../index.ts';

/** Methods without training: counting, neighbours, the closed form, and text alone (pooled, propagated, ranked). */
export const BASELINES = ['popularity', 'item-knn', 'ease', 'text-only'] as const;

export type BaselineName = (typeof BASELINES)[number];

/** What a baseline reached. */
export interface BaselineResult {
  /** Validation NDCG@10; null without validation interactions. */
  readonly valid: number | null;
  readonly test: MetricsResult;
}

/** What a baseline is measured on. */
export interface BaselineContext {
  readonly split: Split;
  /** Read by `text-only`. */
  readonly embeddings: Embeddings | null;
  readonly dim: number;
  readonly seed: number;
  readonly protocol: Protocol;
  readonly ks: readonly number[];
  readonly runtime: Runtime;
}

/** λ of EASE without validation interactions to choose it by. */
const EASE_REGULARIZATION = 100;

/**
 * Fits a baseline and measures it; EASE with the λ that is best on the validation interactions.
 * @throws as `ease`, `initialize` and `evaluate`
 */
export async function runBaseline(name: BaselineName, context: BaselineContext): Promise<BaselineResult> {
  const { split, protocol, ks, runtime } = context;
  const parts = split.valid.length > 0 ? (['valid', 'test'] as const) : (['test'] as const);
  const measure = await measurer(name, context);
  const results = new Map<'valid' | 'test', MetricsResult>();
  for (const part of parts)
    results.set(part, await measure({ part, protocol, ks: part === 'valid' ? [10] : ks, runtime }));
  return { valid: results.get('valid')?.means['ndcg@10'] ?? null, test: results.get('test')! };
}

type Measure = (options: Parameters<typeof evaluateScorer>[2]) => Promise<MetricsResult>;

async function measurer(name: BaselineName, context: BaselineContext): Promise<Measure> {
  const { split, embeddings, dim, seed, runtime } = context;
  if (name === 'text-only') {
    const strategy = RECOMMENDED_STRATEGY;
    const tables = await initialize(split.train, embeddings, { strategy, dim, seed, runtime });
    const factors = await propagateTables(split.train, tables, { runtime });
    return (options) => evaluate(factors, split, options);
  }
  const scorer = await scorerOf(name, context);
  return (options) => evaluateScorer(scorer, split, options);
}

async function scorerOf(
  name: Exclude<BaselineName, 'text-only'>,
  { split, protocol, runtime }: BaselineContext,
): Promise<Scorer> {
  if (name === 'popularity') return popularity(split.train);
  if (name === 'item-knn') return itemKnn(split.train);
  const grid = split.valid.length > 0 ? undefined : [EASE_REGULARIZATION];
  return (await chooseEase(split, { protocol, runtime, grid })).scorer;
}
