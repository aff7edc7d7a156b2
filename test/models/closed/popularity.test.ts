import { describe, expect, it } from 'vitest';
import { Interactions } from '../../../src/data/interactions.ts';
import { evaluateScorer } from '../../../src/evaluate/evaluate.ts';
import { popularity } from '../../../src/models/closed/popularity.ts';
import { plantedSplit } from '../planted.ts';

const all = Interactions.from(
  ['a1', 'a2', 'a3', 'b1', 'b2', 'c1', 'c4', 'd1', 'd2', 'd4'].map(([user, item]) => ({ user, item })),
);

describe('popularity', () => {
  it('scores every item by its training interactions, for every user alike', () => {
    const { name, kind, scores } = popularity(all);
    expect({ name, kind, scores: [...scores] }).toEqual({
      name: 'popularity',
      kind: 'items',
      scores: [4, 3, 1, 2],
    });
  });

  it('counts the rows of the training set only; items without any keep a score of 0', () => {
    expect([...popularity(all.subset([0, 1, 3])).scores]).toEqual([2, 1, 0, 0]);
    expect([...popularity(all.subset([])).scores]).toEqual([0, 0, 0, 0]);
  });

  it('is ranked by count, a tie at its mean rank, without the items of the training set', async () => {
    const split = plantedSplit();
    const { train, valid, test } = split;
    const { scores } = popularity(train);
    const itemsOf = (part: Interactions, user: number) => part.items.filter((_, p) => part.users[p] === user);
    const { means } = await evaluateScorer(popularity(train), split, { ks: [5] });
    let [hits, cutTies] = [0, 0];
    for (let user = 0; user < train.numUsers; user++) {
      const seen = new Set([...itemsOf(train, user), ...itemsOf(valid, user)]);
      const unseen = [...scores.keys()].filter((item) => !seen.has(item));
      const own = scores[itemsOf(test, user)[0]];
      const above = unseen.filter((item) => scores[item] > own).length;
      const equal = unseen.filter((item) => scores[item] === own).length;
      if (above < 5 && above + equal > 5) cutTies++;
      hits += Math.min(1, Math.max(0, (5 - above) / equal));
    }
    // Else the rule of ties would not show.
    expect(cutTies).toBeGreaterThan(0);
    expect(means['recall@5']).toBeCloseTo(hits / train.numUsers, 12);
  });
});
