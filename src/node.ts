// Files, folders and threads, for Node and runtimes that offer its API.

export type { ChatCache } from './chat/cache.ts';
export type { ChatReply } from './chat/chat.ts';
export type { EmbeddingCache } from './embed/cache.ts';
export { directoryChatCache } from './node/chatCache.ts';
export {
  PREPARED_FORMATS,
  type Prepared,
  type PreparedFormat,
  type PrepareOptions,
  prepareWithDuckdb,
} from './node/duckdb/prepare.ts';
export {
  type DuckdbOptions,
  type ReadWithDuckdb,
  readInteractionsWithDuckdb,
} from './node/duckdb/readInteractions.ts';
export { type DirectoryCacheOptions, directoryCache } from './node/embeddingCache.ts';
export { type FileLockOptions, withFileLock } from './node/fileLock.ts';
export { openSource, readBytes, writeAtomic } from './node/files.ts';
export { httpListener, type ListenedRequest, type ListenedResponse } from './node/httpListener.ts';
export { FileJournal } from './node/journal.ts';
export type { Runtime } from './runtime/load.ts';
export { type LoadThreadsOptions, loadThreads } from './runtime/loadThreads.ts';
export type { Handler } from './serve/http/handler.ts';
export type { HttpAnswer, HttpRequest } from './serve/http/message.ts';
export type { HttpMetrics } from './serve/http/metrics.ts';
