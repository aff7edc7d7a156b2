import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError, OptionError } from '../../src/errors.ts';
import { METRICS, type MetricName, metricNames, userMetrics } from '../../src/evaluate/metrics.ts';

function metricsOf(
  ranked: readonly number[],
  relevant: readonly number[],
  ks: readonly number[],
): Record<MetricName, number> {
  const values = userMetrics(Int32Array.from(ranked), relevant, ks);
  const named: Record<MetricName, number> = {};
  for (const [n, name] of metricNames(ks).entries()) named[name] = values[n];
  return named;
}

/** Each metric at one cut-off from its textbook definition. */
function bruteForce(ranked: readonly number[], relevant: readonly number[], k: number): number[] {
  const gains = Array.from({ length: k }, (_, n) => (relevant.includes(ranked[n]) ? 1 : 0));
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const discounted = (list: readonly number[]) => sum(list.map((gain, n) => gain / Math.log2(n + 2)));
  const precisionAt = (n: number) => sum(gains.slice(0, n + 1)) / (n + 1);
  const attainable = Math.min(relevant.length, k);
  return [
    sum(gains) / relevant.length,
    discounted(gains) / discounted(new Array(attainable).fill(1)),
    gains.includes(1) ? 1 / (gains.indexOf(1) + 1) : 0,
    gains.includes(1) ? 1 : 0,
    sum(gains) / k,
    sum(gains.map((gain, n) => gain * precisionAt(n))) / attainable,
  ];
}

const cutoffs = fc
  .uniqueArray(fc.integer({ min: 1, max: 15 }), { minLength: 1, maxLength: 4 })
  .map((ks) => ks.sort((a, b) => a - b));
const rankedItems = fc.uniqueArray(fc.nat(20), { maxLength: 15 });
const relevantItems = fc.uniqueArray(fc.nat(20), { minLength: 1, maxLength: 12 });

/** All orders of the items of one score, group after group. */
function orders(groups: readonly (readonly number[])[]): number[][] {
  if (groups.length === 0) return [[]];
  const rest = orders(groups.slice(1));
  return permutations(groups[0]).flatMap((head) => rest.map((tail) => [...head, ...tail]));
}

function permutations(items: readonly number[]): number[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, n) => permutations(items.toSpliced(n, 1)).map((tail) => [item, ...tail]));
}

describe('userMetrics with tied scores', () => {
  const groups = fc
    .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })
    .filter((sizes) => sizes.reduce((a, b) => a + b, 0) <= 9)
    .map((sizes) => {
      let next = 0;
      return sizes.map((size) => Array.from({ length: size }, () => next++));
    });

  it('gives the mean over all orders of equal items', () => {
    fc.assert(
      fc.property(
        groups,
        fc.uniqueArray(fc.nat(9), { minLength: 1, maxLength: 4 }),
        fc.nat(8),
        (tied, relevant, cut) => {
          const items = tied.flat();
          const scores = tied.flatMap((group, n) => group.map(() => -n));
          const k = 1 + (cut % items.length);
          const ks = k === 1 ? [1] : [1, k];
          const found = userMetrics(Int32Array.from(items), relevant, ks, { scores });
          const all = orders(tied);
          for (const [c, cutoff] of ks.entries()) {
            const wanted = all.map((order) => bruteForce(order, relevant, cutoff));
            for (let metric = 0; metric < METRICS.length; metric++) {
              const mean = wanted.reduce((sum, values) => sum + values[metric], 0) / all.length;
              expect(found[metric * ks.length + c]).toBeCloseTo(mean, 12);
            }
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('values one score for all of 1,583 items as chance', () => {
    const ranked = Int32Array.from({ length: 1583 }, (_, n) => n);
    const [recall, ndcg] = userMetrics(ranked, [3], [10], { scores: new Float32Array(1583) });
    expect(recall).toBeCloseTo(10 / 1583, 12);
    const discounts = Array.from({ length: 10 }, (_, n) => 1 / Math.log2(n + 2));
    expect(ndcg).toBeCloseTo(discounts.reduce((a, b) => a + b) / 1583, 12);
  });

  it('changes no bit where no scores are equal', () => {
    fc.assert(
      fc.property(rankedItems, relevantItems, cutoffs, (ranked, relevant, ks) => {
        const list = Int32Array.from(ranked);
        const scores = Float32Array.from(list, (_, n) => -n);
        expect(userMetrics(list, relevant, ks, { scores })).toEqual(userMetrics(list, relevant, ks));
      }),
    );
  });
});

describe('userMetrics', () => {
  it('gives the values computed by hand for hits at ranks 2 and 4 of three relevant items', () => {
    const m = metricsOf([7, 3, 8, 5, 9], [5, 3, 1], [1, 2, 5]);
    const ideal3 = 1 + 1 / Math.log2(3) + 1 / 2;
    expect(m['recall@1']).toBe(0);
    expect(m['recall@2']).toBeCloseTo(1 / 3, 15);
    expect(m['recall@5']).toBeCloseTo(2 / 3, 15);
    expect(m['ndcg@2']).toBeCloseTo(1 / Math.log2(3) / (1 + 1 / Math.log2(3)), 15);
    expect(m['ndcg@5']).toBeCloseTo((1 / Math.log2(3) + 1 / Math.log2(5)) / ideal3, 15);
    expect(m['mrr@1']).toBe(0);
    expect(m['mrr@5']).toBe(0.5);
    expect(m['hit@1']).toBe(0);
    expect(m['hit@2']).toBe(1);
    expect(m['precision@2']).toBe(0.5);
    expect(m['precision@5']).toBe(0.4);
    expect(m['map@2']).toBe(0.5 / 2);
    expect(m['map@5']).toBeCloseTo((1 / 2 + 2 / 4) / 3, 15);
  });

  it('agrees with the textbook definitions on any ranking', () => {
    fc.assert(
      fc.property(rankedItems, relevantItems, cutoffs, (ranked, relevant, ks) => {
        const values = userMetrics(Int32Array.from(ranked), relevant, ks);
        for (const [c, k] of ks.entries()) {
          for (const [n, expected] of bruteForce(ranked, relevant, k).entries()) {
            expect(values[n * ks.length + c]).toBeCloseTo(expected, 14);
          }
        }
      }),
    );
  });

  it('stays within [0, 1] exactly, with recall and hit growing with k', () => {
    fc.assert(
      fc.property(rankedItems, relevantItems, cutoffs, (ranked, relevant, ks) => {
        const m = metricsOf(ranked, relevant, ks);
        for (const value of Object.values(m)) expect(value >= 0 && value <= 1).toBe(true);
        for (let c = 1; c < ks.length; c++) {
          expect(m[`recall@${ks[c]}`]).toBeGreaterThanOrEqual(m[`recall@${ks[c - 1]}`]);
          expect(m[`hit@${ks[c]}`]).toBeGreaterThanOrEqual(m[`hit@${ks[c - 1]}`]);
        }
      }),
    );
  });

  it('gives 1 to a perfect ranking, where the metric can reach 1 at all', () => {
    fc.assert(
      fc.property(relevantItems, cutoffs, (relevant, ks) => {
        const m = metricsOf([...relevant].reverse(), relevant, ks);
        for (const k of ks) {
          expect([m[`ndcg@${k}`], m[`mrr@${k}`], m[`hit@${k}`], m[`map@${k}`]]).toEqual([1, 1, 1, 1]);
          expect(m[`recall@${k}`]).toBe(Math.min(1, k / relevant.length));
          expect(m[`precision@${k}`]).toBe(Math.min(1, relevant.length / k));
        }
      }),
    );
  });

  it('has recall = hit, map = mrr and ndcg = 1 / log2(rank + 1) for a single relevant item', () => {
    for (let rank = 1; rank <= 60; rank++) {
      const ranked = Array.from({ length: 60 }, (_, n) => (n + 1 === rank ? 100 : n));
      const m = metricsOf(ranked, [100], [50]);
      expect(m['recall@50']).toBe(rank <= 50 ? 1 : 0);
      expect(m['hit@50']).toBe(m['recall@50']);
      expect(m['mrr@50']).toBe(rank <= 50 ? 1 / rank : 0);
      expect(m['map@50']).toBe(m['mrr@50']);
      expect(m['ndcg@50']).toBeCloseTo(rank <= 50 ? 1 / Math.log2(rank + 1) : 0, 15);
    }
  });

  it('treats unused places, marked -1 or missing, as misses', () => {
    const short = metricsOf([4, 2], [2, 6], [10]);
    expect(short).toEqual(metricsOf([4, 2, -1, -1, -1, -1, -1, -1, -1, -1], [2, 6], [10]));
    expect(short['precision@10']).toBe(0.1);
    expect(metricsOf([], [2], [3])['ndcg@3']).toBe(0);
  });

  it('refuses cut-offs that are not ascending positive integers', () => {
    for (const ks of [[], [0], [-1], [1.5], [Number.NaN], [10, 10], [20, 10]]) {
      expect(() => userMetrics(Int32Array.of(1), [1], ks)).toThrow(OptionError);
      expect(() => metricNames(ks)).toThrow(OptionError);
    }
  });

  it('refuses relevant items that are absent, repeated or no indices', () => {
    for (const relevant of [[], [3, 3], [-1], [0.5], [Number.NaN]]) {
      expect(() => userMetrics(Int32Array.of(3, 1), relevant, [2])).toThrow(DataError);
    }
  });

  it('refuses a ranking that lists a relevant item twice, which would lift recall above 1', () => {
    expect(() => userMetrics(Int32Array.of(3, 1, 3), [3], [3])).toThrow(DataError);
    expect(metricsOf([3, 1, 3], [3], [2])['recall@2']).toBe(1);
  });
});

describe('metricNames', () => {
  it('lists every metric at every cut-off, metric by metric', () => {
    expect(metricNames([10, 20]).slice(0, 4)).toEqual(['recall@10', 'recall@20', 'ndcg@10', 'ndcg@20']);
    expect(metricNames([10, 20, 50]).length).toBe(METRICS.length * 3);
  });
});
