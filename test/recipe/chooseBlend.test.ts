import { describe, expect, it } from 'vitest';
import { Interactions } from '../../src/data/interactions.ts';
import { leaveOneOut } from '../../src/data/splits.ts';
import { evaluateScorer } from '../../src/evaluate/evaluate.ts';
import { itemKnn } from '../../src/models/closed/itemKnn.ts';
import { popularity } from '../../src/models/closed/popularity.ts';
import { BlendScorer } from '../../src/rank/blendScorer.ts';
import { chooseBlend } from '../../src/recipe/chooseBlend.ts';
import { sampledUsers } from '../../src/recipe/validationSample.ts';
import { load } from '../../src/runtime/load.ts';
import { split } from './shop.ts';

describe('chooseBlend', () => {
  it('has the weight of the highest validation metric, of equals the first, whatever the test items are', async () => {
    const runtime = await load();
    const parts = [popularity(split.train), await itemKnn(split.train)] as const;
    const blend = await chooseBlend('blend', parts, split, { runtime });
    const [{ deviation: one }, { deviation: two }] = blend.scorer.parts;
    const metrics = [];
    for (const weight of [0.2, 0.35, 0.5, 0.65, 0.8]) {
      const scorer = new BlendScorer('again', [
        { scorer: parts[0], weight: 1 - weight, deviation: one },
        { scorer: parts[1], weight, deviation: two },
      ]);
      const { means } = await evaluateScorer(scorer, split, { part: 'valid', ks: [10], runtime });
      metrics.push({ weight, metric: means['ndcg@10'] });
    }
    const highest = Math.max(...metrics.map(({ metric }) => metric));
    expect(blend.valid).toBe(highest);
    expect(blend.weight).toBe(metrics.find(({ metric }) => metric === highest)?.weight);
    const blind = await chooseBlend('blend', parts, { ...split, test: split.valid }, { runtime });
    expect(blind.weight).toBe(blend.weight);
  });

  it('is the same for scores in another unit', async () => {
    const runtime = await load();
    const [counts, neighbours] = [popularity(split.train), await itemKnn(split.train)];
    const shares = popularity(split.train);
    shares.scores.set(counts.scores.map((score) => score / 1024));
    const [a, b] = [
      await chooseBlend('a', [counts, neighbours], split, { runtime }),
      await chooseBlend('b', [shares, neighbours], split, { runtime }),
    ];
    expect([b.weight, b.valid]).toEqual([a.weight, a.valid]);
    expect(b.scorer.parts[0].deviation * 1024).toBeCloseTo(a.scorer.parts[0].deviation, 6);
  });

  it('compares weights by every second of 12,000 users, and measures the chosen one by all', async () => {
    const runtime = await load();
    const rows = Array.from({ length: 12000 }, (_, user) =>
      [0, 1, 2, 3, 4].map((n) => ({ user: `u${user}`, item: `i${(user + n * (1 + (user % 3))) % 29}` })),
    );
    const large = leaveOneOut(Interactions.from(rows.flat()), { order: 'random', seed: 1 });
    const every = { ...large, valid: sampledUsers(large.valid, 8192) };
    expect(every.valid.length).toBeLessThan(large.valid.length);
    const parts = [popularity(large.train), await itemKnn(large.train)] as const;
    const found = await chooseBlend('blend', parts, large, { runtime });
    expect(found.weight).toBe((await chooseBlend('blend', parts, every, { runtime })).weight);
    const { means } = await evaluateScorer(found.scorer, large, { part: 'valid', ks: [10], runtime });
    expect(found.valid).toBe(means['ndcg@10']);
  });
});
