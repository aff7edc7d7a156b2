import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeSplit, wholeSplit } from '../../src/data/globalSplits.ts';
import { Interactions } from '../../src/data/interactions.ts';
import { checkSplit } from '../../src/data/readySplit.ts';
import { DataError, OptionError } from '../../src/errors.ts';
import { anyInteractions, pairsOf } from './samples.ts';

const rows = (times: readonly (readonly [user: string, item: string, timestamp: number])[]) =>
  Interactions.from(times.map(([user, item, timestamp]) => ({ user, item, timestamp })));

const set = rows([
  ['a', 'x', 1],
  ['b', 'x', 2],
  ['a', 'y', 3],
  ['b', 'y', 3],
  ['c', 'x', 4],
  ['a', 'z', 5],
  ['b', 'z', 6],
]);

describe('timeSplit', () => {
  it('refuses one moment for all, be it beyond the dates that there are', () => {
    for (const time of [5, 8.64e12 + 1, -1e300, Number.MAX_VALUE])
      expect(
        () =>
          timeSplit(
            rows([
              ['a', 'x', time],
              ['a', 'y', time],
            ]),
          ),
        `${time}`,
      ).toThrow(DataError);
  });

  it('trains before the first date, tests from the last on, and validates between', () => {
    const split = timeSplit(set, { at: [3, 5] });
    expect(pairsOf(split.train)).toEqual(['a x', 'b x']);
    expect(pairsOf(split.valid)).toEqual(['a y', 'b y']);
    expect(pairsOf(split.test)).toEqual(['a z', 'b z']);
    // c has nothing before the first date.
    expect(split.withoutTraining).toBe(1);
    checkSplit(split);
  });

  it('validates nothing with one date', () => {
    const split = timeSplit(set, { at: [5] });
    expect([split.train.length, split.valid.length, split.test.length]).toEqual([5, 0, 2]);
    expect(split.at).toEqual([5, 5]);
  });

  it('by shares keeps interactions of one moment together, and nothing that trains is younger', () => {
    fc.assert(
      fc.property(
        anyInteractions,
        fc.integer({ min: 1, max: 8 }),
        fc.nat(1),
        (interactions, train, valid) => {
          const ratios = [train / 10, valid / 10, (10 - train - valid) / 10] as const;
          let split: ReturnType<typeof timeSplit>;
          try {
            split = timeSplit(interactions, { ratios });
          } catch (error) {
            // All of one moment, or the first moment is beyond the share.
            expect(error).toBeInstanceOf(DataError);
            return;
          }
          const [first, last] = split.at;
          for (const time of split.train.timestamps!) expect(time).toBeLessThan(first);
          for (const time of split.valid.timestamps!) expect(time >= first && time < last).toBe(true);
          for (const time of split.test.timestamps!) expect(time).toBeGreaterThanOrEqual(last);
          expect(split.train.length).toBeLessThanOrEqual(interactions.length * ratios[0] + 1e-9);
          const total = split.train.length + split.valid.length + split.test.length + split.withoutTraining;
          expect(total).toBe(interactions.length);
        },
      ),
    );
  });

  it('refuses sets without times, dates that descend, and dates beside shares', () => {
    const untimed = Interactions.from([{ user: 'a', item: 'x' }]);
    expect(() => timeSplit(untimed)).toThrow(/expected a timestamp on every interaction/);
    expect(() => timeSplit(set, { at: [5, 3] })).toThrow(OptionError);
    expect(() => timeSplit(set, { at: [1, 2, 3] })).toThrow(OptionError);
    expect(() => timeSplit(set, { at: [3], ratios: [0.8, 0.1, 0.1] })).toThrow(/received both/);
    expect(() => timeSplit(set, { ratios: [0.5, 0.1, 0.1] })).toThrow(/sum to 1/);
    expect(() => timeSplit(set, { at: [1] })).toThrow(/before 1970-01-01T00:00:01.000Z, received none/);
  });
});

describe('wholeSplit', () => {
  it('trains on everything', () => {
    const split = wholeSplit(set);
    expect(pairsOf(split.train)).toEqual(pairsOf(set));
    expect([split.valid.length, split.test.length]).toEqual([0, 0]);
  });

  it('validates on the share it is told, and leaves every user something to train on', () => {
    fc.assert(
      fc.property(
        anyInteractions,
        fc.integer({ min: 0, max: 50 }),
        fc.nat(99),
        (interactions, percent, seed) => {
          const split = wholeSplit(interactions, { validShare: percent / 100, seed });
          const wanted = Math.floor((interactions.length * percent) / 100 + 1e-9);
          const most = interactions.length - new Set(interactions.users).size;
          expect(split.valid.length).toBe(Math.min(wanted, most));
          expect(new Set(split.train.users).size).toBe(new Set(interactions.users).size);
          expect([...pairsOf(split.train), ...pairsOf(split.valid)].sort()).toEqual(
            pairsOf(interactions).sort(),
          );
          expect(wholeSplit(interactions, { validShare: percent / 100, seed })).toEqual(split);
        },
      ),
    );
  });

  it('refuses a share above a half', () => {
    expect(() => wholeSplit(set, { validShare: 0.6 })).toThrow(OptionError);
  });
});
