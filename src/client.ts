// The entry `llminit/client`: asks a service of `createHandler` or `llminit serve`.
export type { TextOptions } from './serve/forText.ts';
export type { History } from './serve/history.ts';
export {
  type Answer,
  type Client,
  type ClientOptions,
  createClient,
  type RemoteItemOptions,
  type RemoteOptions,
  type RemoteTextOptions,
  ServiceError,
} from './serve/http/client.ts';
export type { InteractionEvent } from './serve/http/events.ts';
export type { ItemSet } from './serve/itemSet.ts';
export type { Recommendation, Recommendations } from './serve/recommendation.ts';
export type { Boost, GroupLimit, RecommendOptions } from './serve/recommendOptions.ts';
export type { Condition, Operand, Where } from './serve/where/expression.ts';
