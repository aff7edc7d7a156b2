// A recommender over HTTP: a handler of requests for any server, and the journal of what it is told.

export {
  type InteractionEvent,
  type Journal,
  type JournalRecord,
  type Replayed,
  replay,
  withoutUser,
} from './serve/http/events.ts';
export { createHandler, type Handler } from './serve/http/handler.ts';
export type { HandlerOptions, Reranking } from './serve/http/handlerOptions.ts';
export type { HttpAnswer, HttpRequest } from './serve/http/message.ts';
export type { HttpMetrics } from './serve/http/metrics.ts';
