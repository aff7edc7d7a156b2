import { OptionError } from '../../errors.ts';
import { checkArgument } from '../../options/arguments.ts';
import { resolveOptions } from '../../options/resolve.ts';
import { chatOrder } from './chatOrder.ts';
import { CANDIDATES, HISTORY, type RerankItem } from './item.ts';
import { RERANK_OPTIONS, type RerankOptions } from './options.ts';
import { fused } from './orders.ts';
import { type Report, type RerankReport, reportOf } from './report.ts';

/**
 * Ranked candidates, and how they came about.
 *
 * @example
 * const { items }: Reranked<{ id: string }> = await rerank([{ id: 'i1' }, { id: 'i2' }], ['Steel bottle'], { chat });
 */
export interface Reranked<T extends RerankItem> {
  /** All candidates, each once, best first. */
  readonly items: readonly T[];
  readonly report: RerankReport;
}

/**
 * Candidates in the order of a chat model, fused with our own: it is asked `rounds` times with the candidates shuffled, the
 * places of its answers are added up (Borda), and the result is fused with the given order by (1 − w) / (60 + our rank) +
 * w / (60 + its rank). Titles, cut to 200 characters, go to the model as data within JSON, and all that is taken from an answer
 * is an order of the given candidates: those that it leaves out stand as they were, what it invents is counted and dropped.
 *
 * Whatever goes wrong (no answer in time, an error, no more than half of the rounds with half of the candidates, rounds that
 * agree no more than by chance), the given order is returned, and `report` says why.
 *
 * @param candidates in our order, best first
 * @param history what the person likes, the oldest first: titles, or items
 * @throws {OptionError} for other arguments, or candidates that are repeated
 * @throws the signal's reason
 * @example
 * const { items, report } = await rerank(recommender.recommend('u42', { k: 20 }), ['Steel bottle'], {
 *   chat: httpChat({ url: 'http://localhost:11434/v1', model: 'qwen3:8b' }),
 * });
 */
export async function rerank<T extends RerankItem>(
  candidates: readonly T[],
  history: readonly (string | RerankItem)[],
  options: RerankOptions,
): Promise<Reranked<T>> {
  checkArgument(CANDIDATES, candidates, 'candidates', 'rerank');
  checkArgument(HISTORY, history, 'history', 'rerank');
  const resolved = resolveOptions(RERANK_OPTIONS, options, 'rerank');
  checkDistinct(candidates);
  const { signal } = resolved;
  signal?.throwIfAborted();
  const report: Report = reportOf(resolved.rounds);
  const began = performance.now();
  const { weight } = resolved;
  const order =
    weight === 0
      ? report.stop('weight', 'the weight of the chat model is 0')
      : await chatOrder(candidates, history, resolved, report);
  report.milliseconds = performance.now() - began;
  const items = order ? fused(order, weight).map((n) => candidates[n]) : [...candidates];
  return { items, report };
}

/** @throws {OptionError} for candidates that are repeated */
function checkDistinct(candidates: readonly RerankItem[]): void {
  const seen = new Set<string>();
  for (const { id } of candidates) {
    if (seen.has(id)) {
      const problem = `expected candidates that are given once each, received ${JSON.stringify(id)} again`;
      throw new OptionError('rerank', problem, 'Leave the repeated ones out');
    }
    seen.add(id);
  }
}
