// Files, folders and threads, for Node and runtimes that offer its API.
export type { EmbeddingCache } from './embed/cache.ts';
export { directoryCache } from './node/embeddingCache.ts';
export { type FileLockOptions, withFileLock } from './node/fileLock.ts';
export { openSource, readBytes, writeAtomic } from './node/files.ts';
export type { Runtime } from './runtime/load.ts';
export { type LoadThreadsOptions, loadThreads } from './runtime/loadThreads.ts';
