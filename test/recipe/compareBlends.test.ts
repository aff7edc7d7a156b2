import { describe, expect, it } from 'vitest';
import { evaluateScorer } from '../../src/evaluate/evaluate.ts';
import { itemKnn } from '../../src/models/closed/itemKnn.ts';
import { svd } from '../../src/models/closed/svd.ts';
import { BlendScorer } from '../../src/rank/blendScorer.ts';
import type { Adder } from '../../src/rank/scorer.ts';
import { compareBlends } from '../../src/recipe/compareBlends.ts';
import { load } from '../../src/runtime/load.ts';
import { split } from './shop.ts';

describe('compareBlends', () => {
  it('gives each blend the metric that it has on its own, under both protocols', async () => {
    const runtime = await load();
    const [tables, rows] = [await svd(split.train, { rank: 4 }), await itemKnn(split.train)];
    const blends = [0, 0.3, 0.9, 1].map((weight) => [
      { scorer: tables, weight: 1 - weight, deviation: 0.7 },
      { scorer: rows, weight, deviation: 3 },
    ]);
    for (const protocol of ['standard', 'paper'] as const) {
      const found = await compareBlends(blends, split, { protocol, runtime });
      for (const [n, parts] of blends.entries()) {
        const alone = new BlendScorer('alone', parts);
        const { means } = await evaluateScorer(alone, split, { part: 'valid', ks: [10], protocol, runtime });
        expect(found[n]).toBeCloseTo(means['ndcg@10'], 12);
      }
    }
  });

  it('scores every user once with each scorer, however many blends there are', async () => {
    const runtime = await load();
    // Without ties, whose users are ranked again.
    const [tables, rows] = [await svd(split.train, { rank: 4 }), await itemKnn(split.train)];
    let asked = 0;
    const counted = Object.assign(Object.create(rows), {
      numItems: rows.numItems,
      adder(...given: Parameters<typeof rows.adder>): Adder {
        const adder = rows.adder(...given);
        return {
          start: () => adder.start(),
          add(queries, factor, scores) {
            asked += queries.length;
            adder.add(queries, factor, scores);
          },
        };
      },
    });
    const blends = [0.2, 0.5, 0.8].map((weight) => [
      { scorer: tables, weight: 1 - weight, deviation: 1 },
      { scorer: counted, weight, deviation: 1 },
    ]);
    await compareBlends(blends, split, { protocol: 'standard', runtime });
    expect(asked).toBe(new Set(split.valid.users).size);
  });
});
