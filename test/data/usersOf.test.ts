import { expect, it } from 'vitest';
import { usersOf } from '../../src/data/usersOf.ts';
import { fromPairs } from './samples.ts';

it('lists the users of a part once each, ascending', () => {
  const all = fromPairs([
    ['a', 'x'],
    ['b', 'x'],
    ['c', 'y'],
    ['c', 'x'],
  ]);
  expect([...usersOf(all)]).toEqual([0, 1, 2]);
  expect([...usersOf(all.subset([3, 0, 2]))]).toEqual([0, 2]);
  expect([...usersOf(all.subset([]))]).toEqual([]);
});
