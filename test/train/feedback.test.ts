import { describe, expect, it } from 'vitest';
import { Graph } from '../../src/data/graph.ts';
import { Interactions } from '../../src/data/interactions.ts';
import { leaveOneOut, type Split } from '../../src/data/splits.ts';
import { initialize } from '../../src/init/initialize.ts';
import { load } from '../../src/runtime/load.ts';
import { EpochBatches } from '../../src/train/epochBatches.ts';
import { fit } from '../../src/train/fit.ts';
import type { NegativesOptions } from '../../src/train/negativesOptions.ts';

const runtime = await load();

/** Plays of 12 users; what was played 1 or 2 times is rated low under a threshold of 3. */
const rows = Array.from({ length: 12 }, (_, user) =>
  Array.from({ length: 8 }, (_, n) => ({
    user: `u${user}`,
    item: `i${(user + n) % 16}`,
    rating: 1 + ((3 * user + 2 * n) % 5),
  })),
).flat();

function drawn(
  train: Interactions,
  disliked: Interactions | null,
  negatives: NegativesOptions,
  epochs: number,
) {
  const graph = new Graph(train, disliked);
  const workspace = runtime.open();
  const options = { batchSize: 16, seed: 3, protocol: 'standard', negatives } as const;
  const batches = new EpochBatches(workspace, graph, options, { usesNegatives: true } as never, 4);
  batches.start(graph);
  const found: { user: string; positive: string; negative: string }[] = [];
  const item = (node: number) => train.itemIds[node - graph.numUsers];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    batches.begin(epoch);
    for (let n = 0; n < batches.count; n++) {
      const { users, positives, negatives: others, count } = batches.batch(n);
      for (let p = 0; p < count; p++)
        found.push({
          user: train.userIds[users.view[p]],
          positive: item(positives.view[p]),
          negative: item(others.view[p]),
        });
    }
  }
  workspace.close();
  return found;
}

describe('interactions with weights', () => {
  const train = Interactions.from(rows, { feedback: 'count', feedbackWeights: 'linear' });

  it('stand in every epoch as often as their weight says, rounded down or up, and in the mean exactly', () => {
    const epochs = 40;
    const found = drawn(train, null, { name: 'uniform' }, epochs);
    expect(found.length).toBe(epochs * train.length);
    for (let n = 0; n < train.length; n++) {
      const [user, item] = [train.userIds[train.users[n]], train.itemIds[train.items[n]]];
      const times = found.filter((pair) => pair.user === user && pair.positive === item).length / epochs;
      expect(Math.abs(times - train.weights![n])).toBeLessThan(0.25);
    }
    const first = found
      .slice(0, train.length)
      .filter(({ user, positive }) => user === 'u0' && positive === 'i0').length;
    expect([Math.floor(train.weights![0]), Math.ceil(train.weights![0])]).toContain(first);
  });

  it('train to other factors than without, and to the same ones again', async () => {
    const split = leaveOneOut(train);
    const initial = await initialize(split.train, null, { strategy: 'xavier', dim: 4, seed: 1 });
    const once = await fit(split, initial, { epochs: 3 });
    const again = await fit(split, initial, { epochs: 3 });
    const plain: Split = leaveOneOut(Interactions.from(rows, { feedback: 'count' }));
    const without = await fit(plain, initial, { epochs: 3 });
    expect(again.factors.items).toEqual(once.factors.items);
    expect(without.factors.items).not.toEqual(once.factors.items);
  });
});

describe('negatives disliked', () => {
  const liked = Interactions.from(rows, { minRating: 3 });

  it('are what the user rated low, by the share asked for, and never what the user likes', () => {
    const low = new Set(rows.filter(({ rating }) => rating < 3).map(({ user, item }) => `${user} ${item}`));
    const high = new Set(rows.filter(({ rating }) => rating >= 3).map(({ user, item }) => `${user} ${item}`));
    const shareOf = (share: number) => {
      const found = drawn(liked, liked.disliked, { name: 'disliked', share }, 30);
      for (const { user, negative } of found) expect(high.has(`${user} ${negative}`)).toBe(false);
      return found.filter(({ user, negative }) => low.has(`${user} ${negative}`)).length / found.length;
    };
    expect(shareOf(1)).toBe(1);
    // Of what is drawn uniformly some is rated low, too.
    expect(shareOf(0.5)).toBeGreaterThan(0.6);
    expect(shareOf(0)).toBeLessThan(0.5);
  });

  it('need low ratings', async () => {
    const split = leaveOneOut(Interactions.from(rows));
    const initial = await initialize(split.train, null, { strategy: 'xavier', dim: 4, seed: 1 });
    await expect(fit(split, initial, { epochs: 1, negatives: { name: 'disliked' } })).rejects.toThrow(
      /expected low ratings/,
    );
  });
});
