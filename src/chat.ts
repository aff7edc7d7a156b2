// Chat models: asked over HTTP or as objects of other libraries, to re-rank what a recommender found.

export type { AiSdkLanguageModel } from './chat/aiSdk.ts';
export { type ChatCache, cachedChat, memoryChatCache } from './chat/cache.ts';
export type { AnswerSchema, Chat, ChatMessage, ChatReply, ChatRequest } from './chat/chat.ts';
export type { Structure } from './chat/dialect.ts';
export { type HttpChatCounts, httpChat } from './chat/httpChat.ts';
export type { HttpChatOptions } from './chat/httpOptions.ts';
export type { RerankerOptions, RerankOptions } from './chat/rerank/options.ts';
export type { RerankPrompt } from './chat/rerank/prompt.ts';
export {
  type RecommendRerankedOptions,
  type RerankedRecommendations,
  type Reranker,
  recommendReranked,
  reranker,
} from './chat/rerank/recommendReranked.ts';
export type { RerankReport, RerankStop } from './chat/rerank/report.ts';
export { type Reranked, type RerankItem, rerank } from './chat/rerank/rerank.ts';
export { type ChatFunction, type ChatLike, type ToChatOptions, toChat } from './chat/toChat.ts';
export type { JsonValue } from './format/json.ts';
export type { RemoteOptions } from './remote/options.ts';
