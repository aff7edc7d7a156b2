import { describe, expect, it } from 'vitest';
import { Interactions } from '../../src/data/interactions.ts';
import { leaveOneOut } from '../../src/data/splits.ts';
import { Embeddings } from '../../src/embed/embeddings.ts';
import { initialize } from '../../src/init/initialize.ts';
import { CLOSED_MODELS, findClosedModel } from '../../src/models/closed/index.ts';
import { describeModel, MODELS } from '../../src/models/registry.ts';
import { CodeScorer } from '../../src/rank/codeScorer.ts';
import type { SequenceWeights } from '../../src/rank/sequences/weights.ts';
import { load } from '../../src/runtime/load.ts';
import { fit } from '../../src/train/fit.ts';
import { randomValues } from '../kernels/harness.ts';
import { started } from '../rank/started.ts';
import { codesFor } from './identityCodes.ts';
import { plantedSplit } from './planted.ts';

/** The set with a weight for each of its interactions. */
function weighed(set: Interactions, weightOf: (item: string, user: string) => number): Interactions {
  const { userTable, itemTable, users, items } = set;
  const weights = Float32Array.from(users, (user, n) => weightOf(set.itemIds[items[n]], set.userIds[user]));
  return new Interactions({ userTable, itemTable, users, items, weights });
}

const runtime = await load();
const { train } = plantedSplit(40, 12, 3);
const vectors = randomValues(train.numItems * 8, 5);
const embeddings = new Embeddings({ ids: train.itemIds, width: 8, vectors, source: 'test' });

/** As many users have a and b as have a and c; x and y stand beside them. */
const fork = Interactions.from(
  Array.from({ length: 24 }, (_, n) =>
    ['a', n % 2 ? 'b' : 'c', n % 3 ? 'x' : 'y'].map((item) => ({ user: `u${n}`, item })),
  ).flat(),
);
const forkVectors = new Embeddings({
  ids: fork.itemIds,
  width: 2,
  vectors: Float32Array.from(fork.itemIds.flatMap((_, n) => [1, n % 2])),
  source: 'test',
});

/** The fork where the interactions of those who have `heavy` weigh five times the others'. */
const forkOf = (heavy: string) =>
  weighed(fork, (_, user) => (Number(user.slice(1)) % 2 === (heavy === 'b' ? 1 : 0) ? 5 : 1));

describe.each(CLOSED_MODELS.filter((name) => name !== 'text-only'))('%s with weights', (name) => {
  const model = findClosedModel(name)!;
  const settings = model.grid(true).slice(0, 1);

  it('of 1 has the bytes of one without', async () => {
    const ones = weighed(train, () => 1);
    expect(await model.train(ones, embeddings, settings)).toEqual(
      await model.train(train, embeddings, settings),
    );
  });

  it('ranks higher what the heavier interactions go with', async () => {
    for (const [heavy, light] of ['bc', 'cb']) {
      const [scorer] = await model.train(forkOf(heavy), forkVectors, settings);
      const query = { user: null, history: [fork.itemIndex('a')!] };
      const score = (item: string) =>
        scorer.explain(query, fork.itemIndex(item)!).reduce((sum, part) => sum + part.score, 0);
      expect(score(heavy)).toBeGreaterThan(score(light));
    }
  });
});

/** How probable an item is behind `a`. */
function codeScore(weights: SequenceWeights, item: string): number {
  const scorer = new CodeScorer('codes', weights);
  const workspace = runtime.open();
  const scores = workspace.matrix(4, fork.numItems, 8);
  started(scorer.adder(workspace)).add([{ user: null, history: [fork.itemIndex('a')!] }], 1, scores);
  return scores.row(0).view[fork.itemIndex(item)!];
}

describe.each(MODELS)('%s with weights', (model) => {
  it('of 1 trains to the bytes of one without', async () => {
    // A model of sequences needs two training interactions of a user.
    const none = fork.subset([]);
    const isGraph = describeModel(model).kind === 'graph';
    const split = isGraph ? leaveOneOut(train) : { train: fork, valid: none, test: none };
    const initial = await initialize(split.train, null, { strategy: 'xavier', dim: 8, seed: 1 });
    const ones = { ...split, train: weighed(split.train, () => 1) };
    const options = { model, epochs: 2, ...codesFor(model, split.train.numItems) };
    const trained = await fit(ones, initial, options);
    expect(trained.factors).toEqual((await fit(split, initial, options)).factors);
  });

  it('ranks higher what the heavier interactions go with', async () => {
    const gap = async (heavy: string) => {
      const split = { train: forkOf(heavy), valid: fork.subset([]), test: fork.subset([]) };
      const initial = await initialize(split.train, null, { strategy: 'xavier', dim: 8, seed: 1 });
      const { factors, sequence } = await fit(split, initial, {
        ...{ model, epochs: 60, batchSize: 16 },
        ...codesFor(model, fork.numItems),
      });
      if (sequence?.codes) return codeScore(sequence, 'b') - codeScore(sequence, 'c');
      const row = (item: string) =>
        factors.items.slice(8 * fork.itemIndex(item)!, 8 * fork.itemIndex(item)! + 8);
      const score = (item: string) => {
        const [own, other] = [row('a'), row(item)];
        return own.reduce((sum, value, n) => sum + value * other[n], 0);
      };
      return score('b') - score('c');
    };
    expect(await gap('b')).toBeGreaterThan(await gap('c'));
  });
});
