import { describe, expect, test } from 'vitest';
import { alignEmbeddings, Embeddings } from '../../src/embed/embeddings.ts';
import { DataError, OptionError, ShapeError } from '../../src/errors.ts';

const parts = { ids: ['a', 'b', 'c'], width: 2, vectors: Float32Array.of(1, 2, 3, 4, 5, 6), source: 'x.npy' };

describe('Embeddings', () => {
  test('names the id and the column of a value that is not finite', () => {
    for (const bad of [Number.NaN, Infinity, -Infinity]) {
      const vectors = Float32Array.of(1, 2, 3, bad, 5, 6);
      expect(() => new Embeddings({ ...parts, vectors })).toThrow(DataError);
      expect(() => new Embeddings({ ...parts, vectors })).toThrow(
        `x.npy: expected finite vectors, received ${bad} for id b, column 1`,
      );
    }
  });

  test('refuses sizes that do not fit and ids that do not tell rows apart', () => {
    expect(() => new Embeddings({ ...parts, width: 3 })).toThrow(ShapeError);
    expect(() => new Embeddings({ ...parts, width: 0 })).toThrow(OptionError);
    expect(() => new Embeddings({ ...parts, ids: ['a', 'b', 'a'] })).toThrow(
      /received a at positions 0 and 2/,
    );
    expect(() => new Embeddings({ ...parts, ids: ['a', '', 'c'] })).toThrow(/empty one at position 1/);
    expect(() => new Embeddings({ ...parts, ids: [], vectors: new Float32Array(0) })).toThrow(DataError);
  });
});

describe('alignEmbeddings', () => {
  const embeddings = new Embeddings(parts);

  test('gives the vectors in the order of the items and lists the items without one', () => {
    const { vectors, missing } = alignEmbeddings(embeddings, ['c', 'unknown', 'a', 'other']);
    expect([...vectors]).toEqual([5, 6, 0, 0, 1, 2, 0, 0]);
    expect(missing).toEqual([1, 3]);
  });

  test('copies: writing to the result leaves the embeddings as they were', () => {
    alignEmbeddings(embeddings, ['a']).vectors.fill(9);
    expect([...embeddings.vectors.subarray(0, 2)]).toEqual([1, 2]);
  });

  test('refuses ids that have nothing in common, showing one of each', () => {
    expect(() => alignEmbeddings(embeddings, ['1', '2'])).toThrow(DataError);
    expect(() => alignEmbeddings(embeddings, ['1', '2'])).toThrow(
      /the 2 items \(1 …\), received vectors for 3 other ids \(a …\)/,
    );
  });
});
