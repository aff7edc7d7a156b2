import { describe, expect, it } from 'vitest';
import { Interactions } from '../../src/data/interactions.ts';
import { leaveOneOut } from '../../src/data/splits.ts';
import { BeyondAccuracy } from '../../src/evaluate/beyondAccuracy.ts';
import { evaluate } from '../../src/evaluate/evaluate.ts';

const train = Interactions.from([
  { user: 'a', item: 'x' },
  { user: 'a', item: 'y' },
  { user: 'b', item: 'x' },
  { user: 'b', item: 'y' },
  { user: 'c', item: 'x' },
  { user: 'd', item: 'z' },
]);

describe('BeyondAccuracy', () => {
  it('measures what lists cover, how rare their items are, and how unlike each other', () => {
    const lists = new BeyondAccuracy(train, [1, 2]);
    lists.add(3, Int32Array.of(0, 1));
    lists.add(0, Int32Array.of(0, 2, 1));
    const found = lists.result();
    expect(found['coverage@1']).toBeCloseTo(1 / 3);
    expect(found['coverage@2']).toBe(1);
    // x has 3 of 4 users, y 2, z 1.
    expect(found['novelty@1']).toBeCloseTo(-Math.log2(3 / 4));
    expect(found['novelty@2']).toBeCloseTo((-Math.log2(3 / 4) + 1 + -Math.log2(3 / 4) + 2) / 4);
    expect(found['diversity@1']).toBe(0);
    // x and y have two users together, x and z none.
    expect(found['diversity@2']).toBeCloseTo((1 - 2 / Math.sqrt(6) + 1) / 2);
  });
});

describe('evaluate', () => {
  const rows = Array.from({ length: 12 }, (_, user) =>
    Array.from({ length: 8 }, (_, n) => ({
      user: `u${user}`,
      item: `i${(user * 5 + n * 3) % 16}`,
      rating: 1 + ((user + n) % 5),
    })),
  ).flat();
  const split = leaveOneOut(Interactions.from(rows, { minRating: 3 }));
  const { numUsers, numItems } = split.train;
  const factors = {
    users: Float32Array.from({ length: 2 * numUsers }, (_, n) => Math.sin(n)),
    items: Float32Array.from({ length: 2 * numItems }, (_, n) => Math.cos(3 * n)),
    dim: 2,
  };

  it('leaves out what was met and not liked when asked, and never a held-out item', async () => {
    const liked = await evaluate(factors, split, { ks: [numItems] });
    const had = await evaluate(factors, split, { ks: [numItems], seen: 'had', beyond: true });
    // All held-out items are found by a list of all that is left, and stand higher where more is left out.
    expect(had.means[`recall@${numItems}`]).toBe(1);
    expect(had.means[`mrr@${numItems}`]).toBeGreaterThan(liked.means[`mrr@${numItems}`]);
    for (let n = 0; n < liked.users.length; n++)
      expect(had.perUser[`mrr@${numItems}`][n]).toBeGreaterThanOrEqual(liked.perUser[`mrr@${numItems}`][n]);
    expect(liked.beyond).toBeUndefined();
    expect(had.beyond![`coverage@${numItems}`]).toBe(1);
  });
});
