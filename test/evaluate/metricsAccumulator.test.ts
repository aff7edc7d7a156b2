import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError, OptionError, ShapeError } from '../../src/errors.ts';
import { metricNames } from '../../src/evaluate/metrics.ts';
import { MetricsAccumulator } from '../../src/evaluate/metricsAccumulator.ts';

describe('MetricsAccumulator', () => {
  const ranked = [Int32Array.of(0, 1), Int32Array.of(2, 3), Int32Array.of(4, 5), Int32Array.of(6, 7)];
  const relevant = [[1], [], [9], [6, 7]];

  it('averages over the users with a relevant item and keeps their values for paired tests', () => {
    const accumulator = new MetricsAccumulator(5, [1, 2]);
    for (const user of [0, 1, 2, 3]) accumulator.add(user, ranked[user], relevant[user]);
    const { users, perUser, means } = accumulator.result();
    expect([...users]).toEqual([0, 2, 3]);
    expect([...perUser['mrr@2']]).toEqual([0.5, 0, 1]);
    expect([...perUser['recall@1']]).toEqual([0, 0, 0.5]);
    expect(means['mrr@2']).toBe(0.5);
    expect(means['recall@2']).toBeCloseTo(2 / 3, 15);
    expect(Object.keys(means)).toEqual(metricNames([1, 2]));
  });

  it('gives the same bits in whatever order the users are added', () => {
    const order = fc.shuffledSubarray([...Array(40).keys()], { minLength: 40 });
    const fill = (users: readonly number[]) => {
      const accumulator = new MetricsAccumulator(40, [3, 7]);
      for (const user of users) {
        const list = Int32Array.from({ length: 10 }, (_, n) => (n * 7 + user) % 10);
        accumulator.add(
          user,
          list,
          [user % 10, (user * 3 + 1) % 10].slice(0, user % 9 === 5 ? 0 : 1 + (user % 2)),
        );
      }
      return accumulator.result();
    };
    const inOrder = fill([...Array(40).keys()]);
    fc.assert(
      fc.property(order, (users) => {
        expect(fill(users)).toEqual(inOrder);
      }),
    );
  });

  it('keeps its own cut-offs when the caller changes the array', () => {
    const ks = [2];
    const accumulator = new MetricsAccumulator(1, ks);
    ks[0] = 1;
    accumulator.add(0, ranked[0], relevant[0]);
    expect(accumulator.result().means['recall@2']).toBe(1);
  });

  it('refuses a user out of range or twice, and a result without any user', () => {
    const accumulator = new MetricsAccumulator(2, [2]);
    expect(() => accumulator.result()).toThrow(DataError);
    for (const user of [-1, 2, 0.5]) expect(() => accumulator.add(user, ranked[0], [1])).toThrow(ShapeError);
    accumulator.add(0, ranked[0], [1]);
    expect(() => accumulator.add(0, ranked[0], [1])).toThrow(DataError);
    accumulator.add(1, ranked[0], []);
    expect(() => accumulator.add(1, ranked[0], [1])).toThrow(DataError);
    expect(() => new MetricsAccumulator(0, [2])).toThrow(OptionError);
    expect(() => new MetricsAccumulator(2, [])).toThrow(OptionError);
  });
});
