import { argument, FUNCTION, having, TEXT, TEXTS } from '../../options/arguments.ts';
import { callback, instance, integer, text } from '../../options/builders.ts';
import type { DescriptorsOf } from '../../options/descriptor.ts';
import type { History } from '../history.ts';
import type { Recommendations } from '../recommendation.ts';
import type { Recommender } from '../recommender.ts';
import type { RecommendOptions } from '../recommendOptions.ts';
import type { Journal } from './events.ts';

/**
 * Recommends in another order than the recommender's own, and says whose order it came to be, and why.
 *
 * @example
 * const rerank: Reranking = async (recommender, person, options) =>
 *   Object.assign(recommender.recommend(person, options), {
 *     rerank: { by: 'own', reason: null },
 *   });
 */
export type Reranking = (
  recommender: Recommender,
  person: string | History,
  options: RecommendOptions,
) => Promise<Recommendations & { readonly rerank: { readonly by: string; readonly reason: string | null } }>;

/**
 * How a handler behaves.
 *
 * @example
 * const options: HandlerOptions = { token: 'secret', cors: ['https://shop.example'], basePath: '/api' };
 * const handler = createHandler(recommender, options);
 */
export interface HandlerOptions {
  /** Answers only to `Authorization: Bearer <token>`; health is open all the same. Default: to everyone. */
  readonly token?: string;
  /** Origins whose pages may ask, or `*`. Default none. */
  readonly cors?: '*' | readonly string[];
  /** The part of the path before `/v1` and `/health`, e.g. `/api`. Default none. */
  readonly basePath?: string;
  /** Of a request's body. Default 64 KiB. */
  readonly maxBodyBytes?: number;
  /** Until a request's body must have arrived. Default 10,000 ms. */
  readonly bodyTimeoutMs?: number;
  /**
   * Keeps events and changes before they are acknowledged; they change what is recommended at once. Without it the
   * handler takes none. Changes of items and people are taken from callers with the token only.
   */
  readonly journal?: Journal;
  /**
   * Answers `/v1/recommendations` of callers who ask for it by `rerank=true`; `reranker` of `llminit/chat` makes one. Default:
   * nobody can.
   */
  readonly rerank?: Reranking;
  /** Receives what became a status of 500. Default: `console.error`. */
  readonly onError?: (error: unknown) => void;
}

const CORS = argument<'*' | readonly string[]>(
  "'*' or a list of origins",
  (value) => value === '*' || TEXTS.is(value),
);
const JOURNAL = having<Journal>('a journal { append }', { append: FUNCTION });

/** Every option of `createHandler`. */
export const HANDLER_OPTIONS: DescriptorsOf<HandlerOptions> = {
  token: text({ about: 'of callers' }),
  cors: instance(CORS.range, CORS.is, { about: 'origins whose pages may ask' }),
  basePath: instance<string>('a text', TEXT.is, { about: 'the part of the path before /v1' }),
  maxBodyBytes: integer({ about: "of a request's body", min: 0 }),
  bodyTimeoutMs: integer({ about: "until a request's body must have arrived", min: 0 }),
  journal: instance(JOURNAL.range, JOURNAL.is, { about: 'keeps events and changes' }),
  rerank: callback<Reranking>('recommends to those who ask for it'),
  onError: callback('receives what became a status of 500'),
};
