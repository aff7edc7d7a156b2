import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FeatureExtractor } from '../../src/embed/transformers/load.ts';
import { embedTexts } from '../../src/embed/transformers/transformersEmbedder.ts';
import { DataError } from '../../src/errors.ts';
import { directoryCache } from '../../src/node/embeddingCache.ts';

let parent: string;
let folder: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'llminit-cache-'));
  folder = join(parent, 'vectors');
});
afterEach(() => rm(parent, { recursive: true }));

const a = Float32Array.of(1, 2);
const b = Float32Array.of(3, 4);

test('what one object stored another finds, in the order of the question', async () => {
  const writer = directoryCache(folder);
  await writer.set(['a', 'b'], [a, b]);
  await writer.set(['c'], [Float32Array.of(5, 6, 7)]);
  for (const cache of [writer, directoryCache(folder), directoryCache(pathToFileURL(folder))]) {
    expect(await cache.get(['b', 'none', 'a', 'c'])).toEqual([b, undefined, a, Float32Array.of(5, 6, 7)]);
  }
});

test('asking creates no folder; storing creates it with one whole file per batch', async () => {
  const cache = directoryCache(folder);
  expect(await cache.get(['a'])).toEqual([undefined]);
  expect(await readdir(parent)).toEqual([]);
  await cache.set(['a', 'b'], [a, b]);
  await cache.set(['a', 'b'], [a, b]);
  expect((await readdir(folder)).length).toBe(1);
});

test('a key that stands twice in a batch is stored once', async () => {
  const cache = directoryCache(folder);
  await cache.set(['a', 'b', 'a'], [a, b, a]);
  expect(await directoryCache(folder).get(['a', 'b'])).toEqual([a, b]);
});

test('a damaged file is set aside with a notice, and the rest serves on', async () => {
  await directoryCache(folder).set(['a'], [a]);
  const [file] = await readdir(folder);
  await directoryCache(folder).set(['b'], [b]);
  const bytes = await readFile(join(folder, file));
  for (const damage of [
    bytes.subarray(0, 40),
    new Uint8Array(0),
    bytes.map((byte, n) => byte ^ Number(n === 200)),
  ]) {
    await writeFile(join(folder, file), damage);
    const notices: string[] = [];
    const cache = directoryCache(folder, { onNotice: (line) => notices.push(line) });
    expect(await cache.get(['a', 'b'])).toEqual([undefined, b]);
    expect(notices).toEqual([expect.stringMatching(`Set aside as ${file}.damaged`)]);
    expect(await readdir(folder)).toContain(`${file}.damaged`);
    await cache.set(['a'], [a]);
    expect(await directoryCache(folder).get(['a'])).toEqual([a]);
  }
});

test('files of others are passed over and left as they are', async () => {
  await directoryCache(folder).set(['a'], [a]);
  const [file] = await readdir(folder);
  const own = await readFile(join(folder, file));
  await writeFile(join(folder, 'model.safetensors'), 'something else');
  await writeFile(join(folder, `${'0'.repeat(32)}.safetensors`), own);
  const notices: string[] = [];
  const cache = directoryCache(folder, { onNotice: (line) => notices.push(line) });
  expect(await cache.get(['a'])).toEqual([a]);
  expect(notices).toHaveLength(2);
  expect((await readdir(folder)).length).toBe(3);
});

test('a file that goes away while the cache is in use is no failure', async () => {
  await directoryCache(folder).set(['a'], [a]);
  await directoryCache(folder).set(['b'], [b]);
  const cache = directoryCache(folder);
  expect(await cache.get(['none'])).toEqual([undefined]);
  for (const file of await readdir(folder)) await rm(join(folder, file));
  expect((await cache.get(['a', 'b'])).filter(Boolean).length).toBeLessThan(2);
});

test('a file in place of the folder is a DataError', async () => {
  await writeFile(folder, 'x');
  await expect(directoryCache(folder).get(['a'])).rejects.toThrow(DataError);
  await expect(directoryCache(join(folder, 'below')).set(['a'], [a])).rejects.toThrow(DataError);
});

test('an interrupted run resumes from the folder, gives the same bytes, and the next run is free', async () => {
  const texts = Array.from({ length: 10 }, (_, i) => `text ${i % 7}`);
  let calls = 0;
  let failAt = 3;
  const pipeline: FeatureExtractor = async (batch) => {
    if (++calls === failAt) throw new Error('power cut');
    // Depends on the company, as rounding in a real model does.
    const data = batch.flatMap((text) => [Number(text.at(-1)), batch.length, batch.join().length]);
    return { dims: [batch.length, 3], data: Float32Array.from(data) };
  };
  const run = (path: string) =>
    embedTexts(texts, { pipeline, model: 'm', batchSize: 3, cache: directoryCache(path) });

  await expect(run(folder)).rejects.toThrow('power cut');
  failAt = 0;
  const resumed = await run(folder);
  calls = 0;
  expect((await run(folder)).vectors).toEqual(resumed.vectors);
  expect(calls).toBe(0);
  expect((await run(join(parent, 'fresh'))).vectors).toEqual(resumed.vectors);
});
