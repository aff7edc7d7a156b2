import { describe, expect, test } from 'vitest';
import { embedInBatches } from '../../src/embed/batches.ts';
import type { EmbeddingCache } from '../../src/embed/cache.ts';
import { directoryHandleCache, responseCache, storeCache } from '../../src/embed/webCache.ts';

/** Each kind of cache over a map of names to bytes. */
const KINDS: [string, (stored: Map<string, Uint8Array>) => EmbeddingCache][] = [
  [
    'storeCache',
    (stored) =>
      storeCache({
        get: async (name) => stored.get(name),
        set: async (name, bytes) => void stored.set(name, bytes),
      }),
  ],
  [
    'responseCache',
    (stored) =>
      responseCache({
        match: async (url) => (stored.has(url) ? new Response(Uint8Array.from(stored.get(url)!)) : undefined),
        put: async (url, response) => void stored.set(url, new Uint8Array(await response.arrayBuffer())),
      }),
  ],
  [
    'directoryHandleCache',
    (stored) =>
      directoryHandleCache({
        async getFileHandle(name, { create = false } = {}) {
          if (!create && !stored.has(name)) throw new Error('NotFoundError');
          return {
            getFile: async () => ({ arrayBuffer: async () => Uint8Array.from(stored.get(name)!).buffer }),
            createWritable: async () => ({
              write: async (bytes) => void stored.set(name, bytes.slice()),
              close: async () => {},
            }),
          };
        },
      }),
  ],
];

describe.each(KINDS)('%s', (_, open) => {
  test('gives back what it was given, undefined for the rest', async () => {
    const cache = open(new Map());
    await cache.set(['a', 'b'], [Float32Array.of(1.5, -2), Float32Array.of(0.1)]);
    expect(await cache.get(['b', 'none', 'a'])).toEqual([
      Float32Array.of(0.1),
      undefined,
      Float32Array.of(1.5, -2),
    ]);
  });

  test('has nothing in place of what was damaged', async () => {
    const stored = new Map<string, Uint8Array>();
    const cache = open(stored);
    await cache.set(['a'], [Float32Array.of(1.5, -2)]);
    const [[name, bytes]] = stored;
    for (let at = 0; at < bytes.length; at++) {
      stored.set(
        name,
        bytes.map((byte, n) => byte ^ Number(n === at)),
      );
      expect(await cache.get(['a'])).toEqual([undefined]);
    }
    for (const length of [0, 3, 4, 8]) {
      stored.set(name, bytes.slice(0, length));
      expect(await cache.get(['a'])).toEqual([undefined]);
    }
  });

  test('saves a second run', async () => {
    const cache = open(new Map());
    let calls = 0;
    const embedder = {
      id: 'counted',
      embed: async (texts: readonly string[]) => {
        calls++;
        return texts.map((text) => [text.length, 1]);
      },
    };
    const texts = ['pen', 'lamp', 'pen'];
    const first = await embedInBatches(texts, embedder, { cache });
    expect((await embedInBatches(texts, embedder, { cache })).vectors).toEqual(first.vectors);
    expect(calls).toBe(1);
  });
});
