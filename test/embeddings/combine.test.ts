import { describe, expect, it } from 'vitest';
import { combineEmbeddings } from '../../src/embeddings/combine.ts';
import { Embeddings } from '../../src/embeddings/embeddings.ts';
import { DataError, OptionError } from '../../src/errors.ts';

const of = (source: string, width: number, rows: Record<string, number[]>) =>
  new Embeddings({
    ids: Object.keys(rows),
    width,
    vectors: Float32Array.from(Object.values(rows).flat()),
    source,
  });
const a = of('a', 2, { x: [3, 4], y: [5, 0], z: [0, 2] });
const b = of('b', 1, { w: [-1], x: [2], other: [9] });

describe('combineEmbeddings', () => {
  it('centres, normalises, weighs and concatenates', () => {
    const found = combineEmbeddings(
      [{ embeddings: a }, { embeddings: b, weight: 0.5 }],
      ['w', 'x', 'y', 'z'],
    );
    expect(found.source).toBe('a + b');
    expect(found.ids).toEqual(['w', 'x', 'y', 'z']);
    expect(found.width).toBe(3);
    const mean = [(0.6 + 1 + 0) / 3, (0.8 + 0 + 1) / 3];
    const rows = [
      [0.6, 0.8],
      [1, 0],
      [0, 1],
    ].map(([p, q]) => {
      const length = Math.hypot(p - mean[0], q - mean[1]);
      return [(p - mean[0]) / length, (q - mean[1]) / length];
    });
    // Unit rows of b are −1 and 1, centred and of norm ½.
    const expected = [0, 0, -0.5, ...rows[0], 0.5, ...rows[1], 0, ...rows[2], 0];
    found.vectors.forEach((value, n) => {
      expect(value).toBeCloseTo(expected[n], 6);
    });
  });

  it('leaves out items that no part has, and ids that are no items', () => {
    const found = combineEmbeddings([{ embeddings: a }, { embeddings: b }], ['q', 'x', 'w']);
    expect(found.ids).toEqual(['x', 'w']);
  });

  it('refuses nothing, bad weights and vectors without a difference', () => {
    expect(() => combineEmbeddings([], ['x'])).toThrow(OptionError);
    for (const weight of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => combineEmbeddings([{ embeddings: a, weight }], ['x'])).toThrow(OptionError);
    expect(() => combineEmbeddings([{ embeddings: a }], ['x'])).toThrow(/the same one for all items/);
    expect(() => combineEmbeddings([{ embeddings: a }], ['none'])).toThrow(DataError);
  });
});
