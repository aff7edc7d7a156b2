import { describe, expect, it } from 'vitest';
import { combineEmbeddings } from '../../src/embed/combine.ts';
import { Embeddings } from '../../src/embed/embeddings.ts';
import { DataError, OptionError } from '../../src/errors.ts';
import { randomValues } from '../kernels/harness.ts';

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

  it('takes a zero vector for none: it has zeros, counts in no mean, and is left out when all parts have it', () => {
    const { x, y, z } = { x: [3, 4], y: [5, 0], z: [0, 2] };
    const zeros = of('zeros', 2, { x, y, z, w: [0, 0], v: [0, 0] });
    const found = combineEmbeddings([{ embeddings: zeros }, { embeddings: b }], ['v', 'w', 'x', 'y', 'z']);
    expect(found.ids).toEqual(['w', 'x', 'y', 'z']);
    const without = combineEmbeddings([{ embeddings: a }, { embeddings: b }], ['w', 'x', 'y', 'z']);
    expect(found.vectors).toEqual(without.vectors);
    expect(() => combineEmbeddings([{ embeddings: zeros }], ['v', 'w'])).toThrow(DataError);
  });

  it('adds up the inner products of its parts, times the squares of their weights', () => {
    const ids = Array.from({ length: 9 }, (_, n) => `${n}`);
    const parts = [3, 5].map((width) => {
      const rows = ids.map((id, n) => [id, [...randomValues(width, 10 * width + n)]]);
      return { embeddings: of(`${width}`, width, Object.fromEntries(rows)), weight: width / 4 };
    });
    const product = ({ vectors, width }: Embeddings, i: number, j: number) => {
      let sum = 0;
      for (let k = 0; k < width; k++) sum += vectors[i * width + k] * vectors[j * width + k];
      return sum;
    };
    const both = combineEmbeddings(parts, ids);
    const alone = parts.map(({ embeddings }) => combineEmbeddings([{ embeddings }], ids));
    for (let i = 0; i < ids.length; i++) {
      expect(product(both, i, i)).toBeCloseTo((3 / 4) ** 2 + (5 / 4) ** 2, 5);
      for (let j = 0; j < i; j++) {
        const expected = (3 / 4) ** 2 * product(alone[0], i, j) + (5 / 4) ** 2 * product(alone[1], i, j);
        expect(product(both, i, j)).toBeCloseTo(expected, 5);
      }
    }
  });

  it('leaves the vectors it is given as they are, and gives the same bytes again', () => {
    const before = a.vectors.slice();
    const [first, second] = [0, 1].map(() =>
      combineEmbeddings([{ embeddings: a }, { embeddings: b }], ['x', 'y']),
    );
    expect(a.vectors).toEqual(before);
    expect(second.vectors).toEqual(first.vectors);
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

  it.each([1, 2, 6, 7, 10, 1000])('takes what rounding leaves of %s equal directions for none', (count) => {
    const ids = Array.from({ length: count }, (_, n) => `${n}`);
    const rows = ids.map((id, n) => [id, [0.3, 0.7, -0.2].map((value) => value * (1 + (n % 3)))]);
    const same = of('same', 3, Object.fromEntries(rows));
    expect(() => combineEmbeddings([{ embeddings: same }], ids)).toThrow(/the same one for all items/);
  });
});
