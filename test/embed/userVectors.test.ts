import { expect, test } from 'vitest';
import { Interactions } from '../../src/data/interactions.ts';
import { Embeddings } from '../../src/embed/embeddings.ts';
import { itemsFromUsers } from '../../src/embed/userVectors.ts';
import { DataError } from '../../src/errors.ts';

const train = Interactions.from([
  { user: 'a', item: 'x' },
  { user: 'b', item: 'x' },
  { user: 'b', item: 'y' },
  { user: 'c', item: 'z' },
]);
const users = (ids: string[], rows: number[][]) =>
  new Embeddings({ ids, width: 2, vectors: Float32Array.from(rows.flat()), source: 'profiles' });

test('an item has the mean of the normalised vectors of its users; without such a user it has none', () => {
  const { ids, vectors, source } = itemsFromUsers(
    users(
      ['b', 'a', 'other'],
      [
        [0, 3],
        [2, 0],
        [1, 1],
      ],
    ),
    train,
  );
  expect([ids, Array.from(vectors), source]).toEqual([['x', 'y'], [0.5, 0.5, 0, 1], 'profiles of users']);
});

test('vectors of strangers are refused', () => {
  expect(() => itemsFromUsers(users(['q'], [[1, 0]]), train)).toThrow(DataError);
});
