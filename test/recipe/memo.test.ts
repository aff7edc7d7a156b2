import { expect, it } from 'vitest';
import { keyOf, Memo } from '../../src/recipe/memo.ts';

it('work is done once for a key, also when it is asked for at the same time', async () => {
  const memo = new Memo<number>(2);
  let made = 0;
  const make = async () => ++made;
  expect(await Promise.all([memo.of('a', make), memo.of('a', make)])).toEqual([1, 1]);
  expect(await memo.of('a', make)).toBe(1);
});

it('what failed is tried anew', async () => {
  const memo = new Memo<number>(2);
  await expect(memo.of('a', async () => Promise.reject(new Error('stopped')))).rejects.toThrow('stopped');
  expect(await memo.of('a', async () => 2)).toBe(2);
});

it('the least lately used goes first', async () => {
  const memo = new Memo<string>(2);
  const ask = (key: string, value: string) => memo.of(key, async () => value);
  await ask('a', 'a1');
  await ask('b', 'b1');
  await ask('a', 'unused');
  await ask('c', 'c1');
  expect(await ask('a', 'a2')).toBe('a1');
  expect(await ask('b', 'b2')).toBe('b2');
});

it('keys are equal for equal values, and functions and objects of a class are themselves', () => {
  const shared = () => 1;
  class Own {}
  expect(keyOf({ a: 1, b: [2, 'x'] })).toBe(keyOf({ b: [2, 'x'], a: 1, c: undefined }));
  expect(keyOf({ run: shared })).not.toBe(keyOf({ run: () => 1 }));
  const strategy = { name: 's', rows: shared };
  expect(keyOf({ strategy })).toBe(keyOf({ strategy }));
  expect(keyOf({ strategy })).not.toBe(keyOf({ strategy: { ...strategy } }));
  const different = [
    1,
    '1',
    null,
    'null',
    undefined,
    Number.NaN,
    true,
    [1],
    [[1]],
    {},
    [],
    new Own(),
    new Own(),
  ];
  expect(new Set(different.map(keyOf)).size).toBe(different.length);
});
