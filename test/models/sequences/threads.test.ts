import { afterAll, beforeAll, expect, it } from 'vitest';
import { Interactions } from '../../../src/data/interactions.ts';
import { leaveOneOut } from '../../../src/data/splits.ts';
import { evaluateScorer } from '../../../src/evaluate/evaluate.ts';
import { initialize } from '../../../src/init/initialize.ts';
import { SequenceScorer } from '../../../src/rank/sequenceScorer.ts';
import { load, type Runtime } from '../../../src/runtime/load.ts';
import { loadThreads } from '../../../src/runtime/loadThreads.ts';
import { fit } from '../../../src/train/fit.ts';

let runtimes: readonly Runtime[];
beforeAll(async () => {
  runtimes = [await load(), await loadThreads({ threads: 3 })];
});
afterAll(() => runtimes[1].close());

it('gives the same bytes and rankings with three threads as with one', async () => {
  // Long enough that every kernel is shared out.
  const rows = Array.from({ length: 128 * 40 }, (_, n) => {
    const [user, step] = [Math.floor(n / 40), n % 40];
    return { user: `u${user}`, item: `i${(user * 13 + step * (1 + (user % 5))) % 600}`, timestamp: n };
  });
  const split = leaveOneOut(Interactions.from(rows), { order: 'time' });
  const initial = await initialize(split.train, null, { strategy: 'xavier', dim: 32, seed: 1 });
  const [one, three] = await Promise.all(
    runtimes.map(async (runtime) => {
      const trained = await fit(split, initial, { model: 'sasrec', epochs: 2, batchSize: 64, runtime });
      const weights = trained.sequence!;
      const scorer = new SequenceScorer('sasrec', { items: trained.factors.items, weights });
      const { perUser } = await evaluateScorer(scorer, split, { runtime });
      return { factors: trained.factors, weights, history: trained.history, ndcg: perUser['ndcg@10'] };
    }),
  );
  expect(runtimes[1].threads).toBe(3);
  expect(three).toEqual(one);
});
