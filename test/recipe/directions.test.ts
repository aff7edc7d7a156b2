import { describe, expect, it } from 'vitest';
import { IdTable } from '../../src/data/idTable.ts';
import { Embeddings, Interactions, leaveOneOut, train } from '../../src/index.ts';
import { directionsDiffer } from '../../src/recipe/directions.ts';

const ids = ['a', 'b', 'c', 'd', 'e'];
const vectors = (width: number, value: (row: number, column: number) => number, of = ids) =>
  new Embeddings({
    ...{ ids: of, width, source: 'test' },
    vectors: Float32Array.from({ length: of.length * width }, (_, n) =>
      value(Math.floor(n / width), n % width),
    ),
  });
const rows = ids.flatMap((item, n) => ['u', 'v', 'w'].slice(n % 2).map((user) => ({ user, item })));

describe('vectors tell items apart', () => {
  it.each<[boolean, string, Embeddings]>([
    [true, 'that point to two places', vectors(2, (row, column) => row * column + 1)],
    [true, 'of one column with both signs', vectors(1, (row) => row - 2)],
    [false, 'of one positive column', vectors(1, (row) => row + 1)],
    [false, 'that differ in length alone', vectors(3, (row, column) => (row + 1) * (column - 0.3))],
    [false, 'of which all but one are zeros', vectors(3, (row) => (row === 2 ? 1 : 0))],
    [false, 'that differ for items of others alone', vectors(2, (row) => row - 4, ['a', 'x', 'y', 'z', 'q'])],
    [true, 'of the largest numbers', vectors(2, (row, column) => (row === column ? -3e38 : 3e38))],
  ])('%s: %s', (expected, _, embeddings) => {
    expect(directionsDiffer(embeddings, IdTable.of(ids))).toBe(expected);
  });

  it('not where they are those of other items, which is an error', () => {
    const embeddings = vectors(2, (row, column) => row - column, ['p', 'q', 'r', 's', 't']);
    expect(() => directionsDiffer(embeddings, IdTable.of(ids))).toThrow(/received vectors for 5 other ids/);
  });

  it('or the choice by validation goes by the clicks alone', async () => {
    const split = leaveOneOut(Interactions.from(rows));
    const trained = await train({ split, embeddings: vectors(1, (row) => row + 1) }, { epochs: 2 });
    expect(trained.trials.map(({ name }) => name)).toContain('lightgcn from xavier');
  });
});
