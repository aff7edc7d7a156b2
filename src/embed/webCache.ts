import { crc32 } from '../format/crc32.ts';
import { checkArgument, FUNCTION, having } from '../options/arguments.ts';
import type { EmbeddingCache } from './cache.ts';

/**
 * What stores bytes by name, e.g. a folder of a page's own file system.
 *
 * @example
 * const kept = new Map<string, Uint8Array<ArrayBuffer>>();
 * const store: ByteStore = {
 *   get: async (name) => kept.get(name),
 *   set: async (name, bytes) => void kept.set(name, bytes),
 * };
 * const cache = storeCache(store);
 */
export interface ByteStore {
  /** The bytes of a name; undefined where there are none. */
  get(name: string): Promise<Uint8Array | undefined>;
  /** Keeps the bytes. Resolves when they are stored. */
  set(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
}

/**
 * A `Cache` of `CacheStorage` (pages, Deno, `caches.default` of Workers), as far as it is used here.
 *
 * @example
 * async function cacheOfWorker() {
 *   const cache: ResponseCache = await caches.open('vectors');
 *   return responseCache(cache);
 * }
 */
export interface ResponseCache {
  match(url: string): Promise<Response | undefined>;
  put(url: string, response: Response): Promise<void>;
}

/**
 * A `FileSystemDirectoryHandle`, as `navigator.storage.getDirectory()` gives it, as far as it is used here.
 *
 * @example
 * async function cacheOfPage() {
 *   const folder: DirectoryHandle = await navigator.storage.getDirectory();
 *   return directoryHandleCache(folder);
 * }
 */
export interface DirectoryHandle {
  getFileHandle(
    name: string,
    options?: { create?: boolean },
  ): Promise<{
    getFile(): Promise<{ arrayBuffer(): Promise<ArrayBuffer> }>;
    createWritable(): Promise<{
      write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
      close(): Promise<void>;
    }>;
  }>;
}

const STORE = having<ByteStore>('a store { get, set }', { get: FUNCTION, set: FUNCTION });
const RESPONSES = having<ResponseCache>('a Cache { match, put }', { match: FUNCTION, put: FUNCTION });
const FOLDER = having<DirectoryHandle>('a FileSystemDirectoryHandle', { getFileHandle: FUNCTION });

/**
 * A cache in anything that stores bytes by name, one entry a vector, checked when it is read: a damaged one counts as none.
 *
 * @example
 * const kept = new Map<string, Uint8Array>();
 * const cache = storeCache({
 *   get: async (name) => kept.get(name),
 *   set: async (name, bytes) => void kept.set(name, bytes),
 * });
 */
export function storeCache(store: ByteStore): EmbeddingCache {
  checkArgument(STORE, store, 'store', 'storeCache');
  return {
    get: (keys) => Promise.all(keys.map(async (key) => decode(await store.get(key)))),
    async set(keys, vectors) {
      await Promise.all(keys.map((key, n) => store.set(key, encode(vectors[n]))));
    },
  };
}

/**
 * A cache in `CacheStorage`: `responseCache(await caches.open('llminit'))`.
 *
 * @example
 * async function embed(embedder: Embedder) {
 *   const cache = responseCache(await caches.open('vectors'));
 *   return embedInBatches(texts, embedder, { ids: itemIds, cache });
 * }
 */
export function responseCache(cache: ResponseCache): EmbeddingCache {
  checkArgument(RESPONSES, cache, 'cache', 'responseCache');
  // A name under a top-level domain that is nobody's (RFC 2606).
  const address = (name: string) => `https://llminit.invalid/vectors/${name}`;
  return storeCache({
    async get(name) {
      const response = await cache.match(address(name));
      return response && new Uint8Array(await response.arrayBuffer());
    },
    set: (name, bytes) => cache.put(address(name), new Response(bytes)),
  });
}

/**
 * A cache in the origin private file system: `directoryHandleCache(await navigator.storage.getDirectory())`.
 *
 * @example
 * async function embed(embedder: Embedder) {
 *   const folder = await navigator.storage.getDirectory();
 *   return embedInBatches(texts, embedder, { ids: itemIds, cache: directoryHandleCache(folder) });
 * }
 */
export function directoryHandleCache(folder: DirectoryHandle): EmbeddingCache {
  checkArgument(FOLDER, folder, 'folder', 'directoryHandleCache');
  return storeCache({
    async get(name) {
      const handle = await folder.getFileHandle(name).catch(() => null);
      return handle ? new Uint8Array(await (await handle.getFile()).arrayBuffer()) : undefined;
    },
    async set(name, bytes) {
      const handle = await folder.getFileHandle(name, { create: true });
      const writable = await handle.createWritable();
      await writable.write(bytes);
      await writable.close();
    },
  });
}

/** The CRC-32 of the values, then these: little-endian float32. */
function encode(vector: Float32Array): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(4 + 4 * vector.length));
  for (const [n, value] of vector.entries()) view.setFloat32(4 + 4 * n, value, true);
  const bytes = new Uint8Array(view.buffer);
  view.setUint32(0, crc32(bytes.subarray(4)), true);
  return bytes;
}

function decode(bytes: Uint8Array | undefined): Float32Array | undefined {
  if (!bytes || bytes.length < 8 || bytes.length % 4 !== 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(0, true) !== crc32(bytes.subarray(4))) return undefined;
  return Float32Array.from({ length: bytes.length / 4 - 1 }, (_, n) => view.getFloat32(4 + 4 * n, true));
}
