import { FUNCTION, having } from '../options/arguments.ts';

/**
 * Vectors by the content they were computed from. Both methods take a batch, so that an implementation can
 * store a batch whole or not at all: an interrupted run then resumes with the same batches and bytes.
 *
 * @example
 * const kept = new Map<string, Float32Array>();
 * const cache: EmbeddingCache = {
 *   get: async (keys) => keys.map((key) => kept.get(key)),
 *   set: async (keys, vectors) => keys.forEach((key, n) => void kept.set(key, vectors[n])),
 * };
 */
export interface EmbeddingCache {
  /** The vectors of `keys`, in their order; undefined where there is none. */
  get(keys: readonly string[]): Promise<readonly (Float32Array | undefined)[]>;
  /** Keeps one vector per key. Resolves when they are stored. */
  set(keys: readonly string[], vectors: readonly Float32Array[]): Promise<void>;
}

/** Whatever has the methods of a cache. */
export const CACHE = having<EmbeddingCache>('a cache { get, set }', { get: FUNCTION, set: FUNCTION });

/**
 * A cache that lives as long as the object.
 *
 * @example
 * const cache = memoryCache();
 * await cache.set(['key'], [Float32Array.of(1, 2)]);
 * (await cache.get(['key', 'other']))[1]; // → undefined
 */
export function memoryCache(): EmbeddingCache {
  const vectors = new Map<string, Float32Array>();
  return {
    get: async (keys) => keys.map((key) => vectors.get(key)?.slice()),
    set: async (keys, added) => {
      keys.forEach((key, i) => {
        vectors.set(key, added[i].slice());
      });
    },
  };
}

/**
 * The cache key of `text`: the SHA-256, in hexadecimal, of the embedder's id (which names all that decides a vector)
 * and the text itself.
 */
export async function embeddingKey(embedderId: string, text: string): Promise<string> {
  // JSON keeps the parts apart: 'a', 'bc' and 'ab', 'c' get different keys.
  const content = new TextEncoder().encode(JSON.stringify([embedderId, text]));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', content));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
