import { expect, test } from 'vitest';
import { embeddingKey, memoryCache } from '../../src/embed/cache.ts';

test("a key is the SHA-256 of the embedder's id and the text", async () => {
  // printf '["m","pen"]' | sha256sum
  expect(await embeddingKey('m', 'pen')).toBe(
    'f278b1a304456383d7c53dc5edde00f099e62b686b47e352aaf1377bde2ff342',
  );
});

test('keys differ when any part does, and when the parts are cut differently', async () => {
  const calls = [
    ['a', 'bc'],
    ['ab', 'c'],
    ['a', 'BC'],
    ['a', ''],
    ['', 'abc'],
  ];
  const keys = await Promise.all(calls.map(([id, text]) => embeddingKey(id, text)));
  expect(new Set(keys).size).toBe(calls.length);
});

test('a memory cache gives back copies of what it was given, undefined for the rest', async () => {
  const cache = memoryCache();
  const vector = Float32Array.of(1, 2);
  await cache.set(['a'], [vector]);
  vector.fill(9);
  const [found, missing] = await cache.get(['a', 'b']);
  expect([found, missing]).toEqual([Float32Array.of(1, 2), undefined]);
  found?.fill(9);
  expect(await cache.get(['a'])).toEqual([Float32Array.of(1, 2)]);
});
