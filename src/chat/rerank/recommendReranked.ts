import { OptionError } from '../../errors.ts';
import { checkArgument, FUNCTION, having } from '../../options/arguments.ts';
import { optionsObject, resolveOptions } from '../../options/resolve.ts';
import type { History } from '../../serve/history.ts';
import { type Recommendations, recommendationsOf } from '../../serve/recommendation.ts';
import type { Recommender } from '../../serve/recommender.ts';
import { checkedOptions, type RecommendOptions } from '../../serve/recommendOptions.ts';
import type { RerankItem } from './item.ts';
import { RERANKER_OPTIONS, type RerankerOptions } from './options.ts';
import type { RerankReport } from './report.ts';
import { rerank } from './rerank.ts';

/**
 * Options of `recommendReranked`: those of `recommend`, and how the first are re-ranked.
 *
 * @example
 * const options: RecommendRerankedOptions = { k: 5, rerank: { chat } };
 * const items = await recommendReranked(recommender, 'u1', options);
 */
export interface RecommendRerankedOptions extends RecommendOptions {
  readonly rerank: RecommendRerank;
}

/**
 * How the first recommendations are re-ranked: the options of `reranker`, and what the person likes.
 *
 * @example
 * const rerank: RecommendRerank = { chat, history: ['i3', 'i1'] };
 */
export interface RecommendRerank extends RerankerOptions {
  /** What the person likes, the oldest first: items or titles. Default: what the recommender knows (`likedItems`). */
  readonly history?: readonly (string | RerankItem)[];
}

/**
 * Recommendations with what came of the question to the chat model, which is not enumerable.
 *
 * @example
 * const items: RerankedRecommendations = await recommendReranked(recommender, 'u1', { rerank: { chat } });
 * items.rerank.by; // → 'own'
 */
export interface RerankedRecommendations extends Recommendations {
  readonly rerank: RerankReport;
}

const RECOMMENDER = having<Recommender>('a recommender', { recommend: FUNCTION, likedItems: FUNCTION });

/**
 * As `recommender.recommend`, with the first `candidates` of the exact ranking in the order of a chat model fused with
 * ours: see `rerank`. Filters, `exclude`, pages and the rest work as ever: re-ranked is what they leave, and behind the
 * candidates our order goes on. Whatever goes wrong with the chat model, our order is returned, and `rerank.reason` says why;
 * `score` stays the recommender's.
 *
 * Of a user by id the recommender knows what is liked and not when, so that the chat model is told that the order means
 * nothing; the prompts `recency` and `in-context` need a history with an order: a `{ history }`, or `rerank.history`.
 *
 * @throws {OptionError} as `recommend` and `rerank`; for a prompt that needs an order that is not there
 * @throws {DataError} as `recommend`
 * @throws the signal's reason
 * @example
 * const chat = httpChat({ url: 'http://localhost:11434/v1', model: 'qwen3:8b' });
 * const items = await recommendReranked(recommender, 'u42', { k: 10, rerank: { chat } });
 * console.log(items, items.rerank.by, items.rerank.reason);
 */
export async function recommendReranked(
  recommender: Recommender,
  person: string | History,
  options: RecommendRerankedOptions,
): Promise<RerankedRecommendations> {
  const where = 'recommendReranked';
  checkArgument(RECOMMENDER, recommender, 'recommender', where);
  const { rerank: given, ...own } = optionsObject(options, { where });
  const { history: shown, ...how } = optionsObject(given ?? {}, {
    where,
    name: 'rerank',
  }) as Partial<RecommendRerank>;
  const { candidates, chat } = resolveOptions(RERANKER_OPTIONS, how, where);
  const { k = 10, offset = 0, ...filters } = checkedOptions(own, where);
  checkOrder(person, shown, how);
  const isBehind = offset >= candidates;
  const page = isBehind ? { k, offset } : { k: Math.max(candidates, offset + k) };
  const all = recommender.recommend(person, { ...filters, ...page });
  const history = shown ?? recommender.likedItems(person);
  const orderedHistory = how.orderedHistory ?? (shown !== undefined || typeof person !== 'string');
  const { candidates: _, ...asked } = how;
  const first = isBehind ? [] : all.slice(0, candidates);
  const { items, report } = await rerank(first, history, { ...asked, chat, orderedHistory });
  const list = isBehind ? [...all] : [...items, ...all.slice(candidates)].slice(offset, offset + k);
  const described = recommendationsOf(list, all.basis, all.unknownItems, list.length < k);
  return Object.defineProperty(described, 'rerank', { value: report }) as RerankedRecommendations;
}

/**
 * Recommends in the order of a chat model fused with the recommender's own.
 *
 * @example
 * const rerank: Reranker = reranker({ chat });
 * const items = await rerank(recommender, 'u1', { k: 5 });
 */
export type Reranker = (
  recommender: Recommender,
  person: string | History,
  options?: RecommendOptions,
) => Promise<RerankedRecommendations>;

/**
 * A function that re-ranks what any recommender finds, for the option `rerank` of `createHandler`.
 * @throws {OptionError} for options out of range
 * @example
 * const handler = createHandler(recommender, { rerank: reranker({ chat, deadlineMs: 3000 }) });
 */
export function reranker(options: RerankerOptions): Reranker {
  resolveOptions(RERANKER_OPTIONS, options, 'reranker');
  return (recommender, person, own) => recommendReranked(recommender, person, { ...own, rerank: options });
}

/** @throws {OptionError} for a prompt that names the most recent item of a history without an order */
function checkOrder(
  person: string | History,
  shown: readonly (string | RerankItem)[] | undefined,
  { prompt = 'sequential', orderedHistory }: Partial<RerankerOptions>,
): void {
  if (prompt === 'sequential' || shown !== undefined || typeof person !== 'string') return;
  if (orderedHistory === true) return;
  throw new OptionError(
    'recommendReranked',
    `expected a history with an order for the prompt ${prompt}, received a user of the model`,
    'Pass { history }, or the history of the user in rerank.history, or use the prompt sequential',
    'prompt',
  );
}
