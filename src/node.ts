// Files and folders, for Node and runtimes that offer its file API.
export { directoryCache } from './node/embeddingCache.ts';
export { openSource, readBytes, writeAtomic } from './node/files.ts';
