import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kCore } from '../../src/data/kCore.ts';
import { readInteractions } from '../../src/data/readers/readInteractions.ts';
import { DataError, OptionError } from '../../src/errors.ts';
import { sharedData } from '../sharedData.ts';
import { anyInteractions, countsOf, fromPairs, pairsOf } from './samples.ts';

describe('kCore', () => {
  it('goes on until removing items no longer leaves users short', () => {
    const square: [string, string][] = [
      ['tail', 'end'],
      ['tail', 'x'],
      ['a', 'x'],
      ['a', 'y'],
      ['b', 'y'],
      ['b', 'x'],
    ];
    const core = kCore(fromPairs(square), 2);
    expect(pairsOf(core)).toEqual(['a x', 'a y', 'b y', 'b x']);
    expect(core.userIds).toEqual(['a', 'b']);
    expect(core.itemIds).toEqual(['x', 'y']);
    expect([...core.timestamps!]).toEqual([2, 3, 4, 5]);
  });

  it('bounds users and items apart', () => {
    const set = fromPairs([
      ['a', 'x'],
      ['a', 'y'],
      ['b', 'x'],
    ]);
    expect(pairsOf(kCore(set, { user: 2 }))).toEqual(['a x', 'a y']);
    expect(pairsOf(kCore(set, { item: 2 }))).toEqual(['a x', 'b x']);
    expect(pairsOf(kCore(set, 0))).toEqual(pairsOf(set));
  });

  it('leaves every degree at its bound or above, loses nothing it need not, and is idempotent', () => {
    fc.assert(
      fc.property(
        anyInteractions,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        (set, user, item) => {
          const expected = naiveCore(pairsOf(set), user, item);
          if (expected.length === 0) {
            expect(() => kCore(set, { user, item })).toThrow(DataError);
            return;
          }
          const core = kCore(set, { user, item });
          expect(pairsOf(core)).toEqual(expected);
          expect(Math.min(...countsOf(core.users, core.numUsers))).toBeGreaterThanOrEqual(user);
          expect(Math.min(...countsOf(core.items, core.numItems))).toBeGreaterThanOrEqual(item);
          expect(kCore(core, { user, item })).toEqual(core);
        },
      ),
    );
  });

  it('refuses a bound that it does not understand', () => {
    const set = fromPairs([['a', 'x']]);
    expect(() => kCore(set, '2' as never)).toThrow(/a number or \{ user, item \}, received "2"/);
    expect(() => kCore(set, { users: 2 } as never)).toThrow(/received users\. Did you mean user\?/);
  });

  it('says what there was when nothing is left', () => {
    const set = fromPairs([
      ['a', 'x'],
      ['a', 'y'],
      ['b', 'x'],
    ]);
    expect(() => kCore(set, 3)).toThrow(/2 users, 2 items and 3 interactions.*Lower k/);
  });

  it.each([[-1], [1.5], [Number.NaN], [{ user: 2, item: -3 }]])('refuses k = %j', (k) => {
    expect(() => kCore(fromPairs([['a', 'x']]), k)).toThrow(OptionError);
  });

  describe.skipIf(!sharedData)('on amazon-office', () => {
    it('gives the 3260 users, 1583 items and 36544 interactions of the paper', async () => {
      const file = join(sharedData!, 'data/amazon-office/amazon-office.inter');
      const { interactions } = await readInteractions(readFileSync(file), {
        name: 'amazon-office.inter',
        minRating: 4,
      });
      const core = kCore(interactions, 5);
      expect([core.numUsers, core.numItems, core.length]).toEqual([3260, 1583, 36544]);
    });
  });
});

/** Filters over and over until nothing changes. */
function naiveCore(pairs: string[], user: number, item: number): string[] {
  const degree = (side: number, id: string) => pairs.filter((pair) => pair.split(' ')[side] === id).length;
  const kept = pairs.filter((pair) => {
    const [u, i] = pair.split(' ');
    return degree(0, u) >= user && degree(1, i) >= item;
  });
  return kept.length === pairs.length ? kept : naiveCore(kept, user, item);
}
