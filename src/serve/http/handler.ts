import type { Recommender } from '../recommender.ts';
import type { HandlerOptions } from './handlerOptions.ts';
import type { HttpAnswer, HttpRequest } from './message.ts';
import type { HttpMetrics } from './metrics.ts';
import { Service } from './service.ts';

/**
 * Answers HTTP requests from a recommender: a fetch handler, and the parts that servers need besides.
 *
 * @example
 * const handler: Handler = createHandler(recommender);
 * const answer = await handler(new Request('https://api.example/v1/popular?k=3'));
 */
export interface Handler {
  /** For Workers, Deno, Bun, Hono, Next and everything else that speaks `Request` and `Response`. */
  (request: Request): Promise<Response>;
  /** The same without `Request` and `Response`, which cost more than most answers. */
  answer(request: HttpRequest): Promise<HttpAnswer>;
  /**
   * Opens the model again, with a loader, and answers from it as soon as it is open; requests under way end with the
   * one that they began with. Where opening fails the old one stays, and the promise rejects.
   */
  reload(): Promise<void>;
  /** Numbers for Prometheus, also at `/metrics`. */
  readonly metrics: HttpMetrics;
}

/**
 * A handler that recommends over HTTP: `/v1/recommendations`, `/v1/similar`, `/v1/popular`, `/v1/events`, and `/health`,
 * `/metrics`, `/openapi.json`. Answers are JSON, errors `application/problem+json` (RFC 9457).
 *
 * @param source a recommender, or what opens one at the first request; simultaneous first requests wait for one opening,
 *   and an opening that failed is tried again by the next request
 * @example
 * const handler = createHandler(recommender, { cors: ['https://shop.example'] });
 * const answer = await handler(new Request('https://api.example/v1/recommendations?user=u1&k=3'));
 * answer.status; // → 200
 */
export function createHandler(
  source: Recommender | (() => Recommender | Promise<Recommender>),
  options: HandlerOptions = {},
): Handler {
  const service = new Service(source, options);
  if (typeof source !== 'function') warmUp(source);
  const handler = (request: Request) => service.fetch(request);
  return Object.assign(handler, {
    answer: (request: HttpRequest) => service.answer(request),
    reload: () => service.reload(),
    metrics: service.metrics,
  });
}

/** Recommenders that have answered in the dark. */
const warmed = new WeakSet<Recommender>();

/**
 * Answers a user and a stranger in the dark. Engines compile what they meet for the first time, which in a Worker of 6,000 items is most of
 * the first answer; here it belongs to the start, where platforms allow more.
 */
function warmUp(recommender: Recommender): void {
  if (warmed.has(recommender) || typeof Request === 'undefined') return;
  warmed.add(recommender);
  const { user, item } = examplesOf(recommender);
  if (item === undefined) return;
  const stranger = new URLSearchParams({ history: JSON.stringify([item]) });
  const known = user === undefined ? stranger : new URLSearchParams({ user });
  const dark = new Service(() => recommender, { onError: () => {} }, '0');
  // Twice: kernels are compiled by the first, and again, better, by what follows.
  for (const query of [known, stranger])
    dark.fetch(new Request(`http://localhost/v1/recommendations?${query}`)).catch(() => {});
}

/** Nobody where the recommender is closed, or another object with its methods. */
function examplesOf(recommender: Recommender): ReturnType<Recommender['examples']> {
  try {
    return recommender.examples();
  } catch {
    return {};
  }
}
