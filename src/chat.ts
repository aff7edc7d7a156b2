// Chat models: asked over HTTP or as objects of other libraries, to re-rank what a recommender found and to augment data.

export type { AiSdkLanguageModel } from './chat/aiSdk.ts';
export type {
  AugmentCounts,
  AugmentOptions,
  AugmentProgress,
} from './chat/augment/askJobs.ts';
export {
  type AugmentAttributesOptions,
  type AugmentedItem,
  type AugmentItem,
  augmentAttributes,
} from './chat/augment/attributes.ts';
export { type AugmentEdgesOptions, type AugmentedEdge, augmentEdges } from './chat/augment/edges.ts';
export type { AugmentPerson, EdgePerson } from './chat/augment/people.ts';
export { augmentProfiles, type Profile } from './chat/augment/profiles.ts';
export { type ChatCache, cachedChat, memoryChatCache } from './chat/cache.ts';
export type { AnswerSchema, Chat, ChatMessage, ChatReply, ChatRequest } from './chat/chat.ts';
export type { Structure } from './chat/dialect.ts';
export { type HttpChatCounts, httpChat } from './chat/httpChat.ts';
export type { HttpChatOptions } from './chat/httpOptions.ts';
export type { TokenPrices } from './chat/prices.ts';
export type { RerankManyOptions, RerankProgress } from './chat/rerank/askCases.ts';
export {
  type CalibrateRerankerOptions,
  calibrateReranker,
  type RerankCalibration,
} from './chat/rerank/calibrateReranker.ts';
export { type RerankCase, type RerankCasesOptions, rerankCases } from './chat/rerank/cases.ts';
export { estimateRerank, type RerankEstimate } from './chat/rerank/estimateRerank.ts';
export {
  type EvaluateRerankerOptions,
  evaluateReranker,
  type OwnRanking,
  type RerankEvaluation,
  type RerankerGain,
} from './chat/rerank/evaluateReranker.ts';
export type { RerankItem } from './chat/rerank/item.ts';
export type { RerankerOptions, RerankOptions } from './chat/rerank/options.ts';
export type { RerankPrompt } from './chat/rerank/prompt.ts';
export {
  type RecommendRerank,
  type RecommendRerankedOptions,
  type RerankedRecommendations,
  type Reranker,
  recommendReranked,
  reranker,
} from './chat/rerank/recommendReranked.ts';
export type { RerankReport, RerankStop } from './chat/rerank/report.ts';
export { type Reranked, rerank } from './chat/rerank/rerank.ts';
export type { RerankTotals } from './chat/rerank/totals.ts';
export { type ChatFunction, type ChatLike, type ToChatOptions, toChat } from './chat/toChat.ts';
export type { JsonValue } from './format/json.ts';
export type { RemoteOptions } from './remote/options.ts';
