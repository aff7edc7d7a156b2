import { expect, it } from 'vitest';
import { TextNumbers } from '../../src/data/textNumbers.ts';

it('holds more texts than one map takes', () => {
  const numbers = new TextNumbers(3);
  for (let n = 0; n < 20; n++) {
    expect(numbers.get(`t${n}`)).toBeUndefined();
    numbers.add(`t${n}`, 100 + n);
  }
  expect(Array.from({ length: 20 }, (_, n) => numbers.get(`t${n}`))).toEqual(
    Array.from({ length: 20 }, (_, n) => 100 + n),
  );
  expect(numbers.get('t20')).toBeUndefined();
});
