import { describe, expect, it } from 'vitest';
import { sasRecLoss, tablesOf, zerosLike } from '../reference.ts';
import { smallSasRec } from './sasrecSample.ts';
import { erf } from './sequences.ts';

describe('the float64 reference of SASRec', () => {
  it.each([
    [0.1, 0.1124629160182849],
    [1, 0.8427007929497149],
    [2.4, 0.9993114861033549],
    [2.6, 0.9997639655834707],
    [4, 0.9999999845827421],
  ])('erf(%f) is that of tables', (x, expected) => {
    expect(erf(x)).toBeCloseTo(expected, 13);
    expect(erf(-x)).toBeCloseTo(-expected, 13);
  });

  it.each(['cross entropy', 'binary cross entropy'])(
    'has the gradient of its %s by finite differences',
    (loss) => {
      const model = smallSasRec(7, 6, 5);
      const sequences = [[0, 3, 3, 1, 6], [5, 2], [4], [2, 2, 2]];
      const negatives = loss === 'cross entropy' ? null : [[6, 0, 4, 2], [1], [], [5, 5]];
      const { gradient } = sasRecLoss(model, sequences, 2, negatives);
      const expected = new Map(tablesOf(gradient));
      expect(tablesOf(zerosLike(model)).length).toBe(expected.size);
      for (const [name, table] of tablesOf(model)) {
        for (let n = 0; n < table.data.length; n += Math.max(1, table.data.length >> 2)) {
          const before = table.data[n];
          const at = (by: number) => {
            table.data[n] = before + by;
            return sasRecLoss(model, sequences, 2, negatives).loss;
          };
          const slope = (8 * (at(1e-3) - at(-1e-3)) - (at(2e-3) - at(-2e-3))) / 12e-3;
          table.data[n] = before;
          expect(Math.abs(slope - expected.get(name)!.data[n]), `${name} ${n}`).toBeLessThan(1e-8);
        }
      }
    },
  );
});
