// Files, folders and threads, for Node and runtimes that offer its API.
export { directoryCache } from './node/embeddingCache.ts';
export { type FileLockOptions, withFileLock } from './node/fileLock.ts';
export { openSource, readBytes, writeAtomic } from './node/files.ts';
export { type LoadThreadsOptions, loadThreads } from './runtime/loadThreads.ts';
