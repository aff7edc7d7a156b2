import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareEmbeddings } from '../../src/embed/compare.ts';
import { Embeddings } from '../../src/embed/embeddings.ts';
import { embeddingsToSafetensors } from '../../src/embed/files.ts';
import { markShard, mergeShards, parseShard, shardRange } from '../../src/embed/shards.ts';
import { DataError, FormatError, OptionError, ShapeError } from '../../src/errors.ts';

const ids = Array.from({ length: 10 }, (_, n) => `i${n}`);
const texts = ids.map((id) => `text of ${id}`);

async function shardFile(number: number, of: number, { id = 'm', width = 2, catalogue = texts } = {}) {
  const { begin, end } = shardRange(ids.length, { number, of });
  const vectors = Float32Array.from({ length: (end - begin) * width }, (_, n) => begin * width + n);
  const part = new Embeddings({ ids: ids.slice(begin, end), width, vectors, source: id });
  const mark = await markShard({ number, of }, id, ids, catalogue);
  return { name: `s${number}`, bytes: embeddingsToSafetensors(part, mark) };
}

test('the shards of a catalogue cover it once, in order, and are of nearly one size', () => {
  fc.assert(
    fc.property(fc.nat(200), fc.integer({ min: 1, max: 40 }), (count, of) => {
      const ranges = Array.from({ length: of }, (_, n) => shardRange(count, { number: n + 1, of }));
      expect(ranges[0].begin).toBe(0);
      expect(ranges[of - 1].end).toBe(count);
      for (let n = 1; n < of; n++) expect(ranges[n].begin).toBe(ranges[n - 1].end);
      const sizes = ranges.map(({ begin, end }) => end - begin);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
  );
});

test.each(['0/3', '4/3', '3', '1/0', '-1/3', '1.5/3', 'a/b', ''])('%j is no shard', (text) => {
  expect(() => parseShard(text)).toThrow(OptionError);
});

test('merging shards in any order gives the vectors of the whole', async () => {
  expect(parseShard(' 3/16')).toEqual({ number: 3, of: 16 });
  const files = await Promise.all([3, 1, 2].map((number) => shardFile(number, 3)));
  const merged = mergeShards(files);
  expect([merged.ids, merged.width, merged.source]).toEqual([ids, 2, 'm']);
  expect(merged.vectors).toEqual(Float32Array.from({ length: 20 }, (_, n) => n));
});

test('merging refuses what does not belong together', async () => {
  const [one, two] = await Promise.all([shardFile(1, 2), shardFile(2, 2)]);
  expect(() => mergeShards([one])).toThrow(/expected all 2 shards, received 1: 2\/2 missing/);
  expect(() => mergeShards([one, two, two])).toThrow(/received 2\/2 twice/);
  const others = [
    shardFile(2, 2, { id: 'another model' }),
    shardFile(2, 2, { catalogue: [...texts.slice(1), 'changed'] }),
    shardFile(2, 3),
  ];
  for (const other of await Promise.all(others)) expect(() => mergeShards([one, other])).toThrow(DataError);
  const wide = await shardFile(2, 2, { width: 3 });
  expect(() => mergeShards([one, wide])).toThrow(ShapeError);
  const whole = new Embeddings({ ids: ['a'], width: 1, vectors: Float32Array.of(1), source: 'x' });
  expect(() => mergeShards([{ name: 'w', bytes: embeddingsToSafetensors(whole) }])).toThrow(FormatError);
  expect(() => mergeShards([])).toThrow(OptionError);
});

test('compareEmbeddings tells mean and worst cosines, worst first', () => {
  const of = (rows: Record<string, number[]>) =>
    new Embeddings({
      ids: Object.keys(rows),
      width: 2,
      vectors: Float32Array.from(Object.values(rows).flat()),
      source: 'r',
    });
  const ours = of({ a: [1, 0], b: [3, 4], c: [0, 2], d: [1, 1] });
  const { compared, meanCosine, worstCosine, worst } = compareEmbeddings(
    ours,
    of({ c: [2, 0], b: [6, 8], a: [1, 1], other: [1, 0] }),
  );
  expect(compared).toBe(3);
  expect(worst.map(({ id }) => id)).toEqual(['c', 'a', 'b']);
  expect(worstCosine).toBe(0);
  expect(meanCosine).toBeCloseTo((0 + Math.SQRT1_2 + 1) / 3, 6);
  expect(() => compareEmbeddings(ours, of({ x: [1, 2] }))).toThrow(DataError);
  const wide = new Embeddings({ ids: ['a'], width: 1, vectors: Float32Array.of(1), source: 'w' });
  expect(() => compareEmbeddings(ours, wide)).toThrow(/width 2 to compare with, received 1/);
});
