import { describe, expect, it } from 'vitest';
import { heldOut, shuffledVectors, withNewItems, withStrangers } from '../../../src/cli/study/conditions.ts';
import { packedValues, unpackedValues } from '../../../src/cli/study/perUser.ts';
import { forStrangers } from '../../../src/cli/study/strangerScorer.ts';
import {
  Embeddings,
  evaluateScorer,
  Interactions,
  leaveOneOut,
  load,
  TableScorer,
} from '../../../src/index.ts';

const USERS = 40;
const ITEMS = 30;
const rows = Array.from({ length: USERS * 6 }, (_, n) => ({
  user: `u${n % USERS}`,
  item: `i${(7 * n + Math.floor(n / USERS)) % ITEMS}`,
}));
const whole = leaveOneOut(Interactions.from(rows), { seed: 3 });

describe('heldOut', () => {
  it('gives every one to exactly one of ten seeds, and the same to seeds ten apart', () => {
    const counts = new Uint8Array(97);
    for (let seed = 0; seed < 10; seed++)
      for (const [n, mark] of heldOut(97, seed).entries()) counts[n] += mark;
    expect([...counts]).toEqual(Array(97).fill(1));
    expect(heldOut(97, 13)).toEqual(heldOut(97, 3));
  });
});

describe('strangers', () => {
  const { trained, ranked } = withStrangers(whole, 1);
  const marks = heldOut(USERS, 1);

  it('are in no part that is trained or chosen by, and are ranked for by all but their test items', () => {
    for (const part of [trained.train, trained.valid])
      expect([...part.users].some((user) => marks[user] === 1)).toBe(false);
    for (const part of [ranked.train, ranked.test])
      expect([...part.users].every((user) => marks[user] === 1)).toBe(true);
    const strangers = marks.filter((mark) => mark === 1).length;
    expect(ranked.test.length).toBe(strangers);
    const own = [whole.train, whole.valid].flatMap((part) =>
      [...part.users].filter((user) => marks[user] === 1),
    );
    expect(ranked.train.length).toBe(own.length);
    expect(trained.train.length + trained.valid.length + own.length).toBe(
      whole.train.length + whole.valid.length,
    );
  });

  it('are scored by their histories, whatever row a table has for them', async () => {
    const items = Float32Array.from({ length: ITEMS * 4 }, (_, n) => Math.sin(n));
    const wrong = new Float32Array(USERS * 4).fill(9);
    const runtime = await load();
    const measured = async (scorer: TableScorer | ReturnType<typeof forStrangers>) =>
      (await evaluateScorer(scorer, ranked, { runtime })).means;
    const known = new TableScorer('known', { users: wrong, items, dim: 4 });
    const without = await measured(new TableScorer('none', { users: null, items, dim: 4 }));
    expect(await measured(forStrangers(known))).toEqual(without);
    expect(await measured(known)).not.toEqual(without);
  });
});

describe('new items', () => {
  const { trained, newIds, relevant } = withNewItems(whole, 2);

  it('have no id in what is trained on, and belong to whoever has them in any part', () => {
    expect(newIds).toHaveLength(3);
    expect(trained.train.itemIds).toHaveLength(ITEMS - 3);
    for (const id of newIds) expect(trained.train.itemIndex(id)).toBeUndefined();
    const parts = [whole.train, whole.valid, whole.test];
    const all = parts.flatMap((part) => [...part.items].map((item) => part.itemIds[item]));
    const owned = all.filter((id) => newIds.includes(id)).length;
    expect([...relevant.values()].flat()).toHaveLength(owned);
    const left = trained.train.length + trained.valid.length + trained.test.length;
    expect(left).toBe(all.length - owned);
  });

  it('leave the others under their ids', () => {
    const pairs = (of: Interactions) =>
      Array.from(of.users, (user, n) => `${of.userIds[user]} ${of.itemIds[of.items[n]]}`);
    const before = new Set(pairs(whole.train));
    expect(pairs(trained.train).every((pair) => before.has(pair))).toBe(true);
  });
});

it('shuffled vectors are the same vectors under other ids', () => {
  const ids = Array.from({ length: 50 }, (_, n) => `i${n}`);
  const vectors = Float32Array.from(ids.keys());
  const shuffled = shuffledVectors(new Embeddings({ ids, width: 1, vectors, source: 'x' }), 0);
  expect([...shuffled.ids].sort()).toEqual([...ids].sort());
  expect(shuffled.ids.filter((id, n) => id === ids[n]).length).toBeLessThan(10);
  expect(shuffled.vectors).toEqual(vectors);
});

it('values of some users come back from their packed form, and the others as missing', () => {
  const users = [
    { user: 1, recall: 1, ndcg: 0.63093 },
    { user: 3, recall: 0, ndcg: 0 },
  ];
  const { recall, ndcg } = packedValues(users, 4);
  expect([...unpackedValues(recall)]).toEqual([Number.NaN, 1, Number.NaN, 0]);
  expect(unpackedValues(ndcg)[1]).toBeCloseTo(0.63093, 4);
});
