// The entry `llminit/client`: asks a service of `createHandler` or `llminit serve`.
export {
  type Answer,
  type Client,
  type ClientOptions,
  createClient,
  ServiceError,
} from './serve/http/client.ts';
export type { InteractionEvent } from './serve/http/events.ts';
export type { Recommendation } from './serve/recommendation.ts';
export type { RecommendOptions } from './serve/recommendOptions.ts';
