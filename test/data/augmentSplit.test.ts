import { describe, expect, test } from 'vitest';
import { augmentSplit, type SupposedEdge } from '../../src/data/augmentSplit.ts';
import { Interactions } from '../../src/data/interactions.ts';
import { readEdges } from '../../src/data/readers/readEdges.ts';
import { leaveOneOut } from '../../src/data/splits.ts';
import { DataError, OptionError } from '../../src/errors.ts';

const rows = Array.from({ length: 40 }, (_, n) => ({
  ...{ user: `u${n % 8}`, item: `i${(n * 3 + (n % 5)) % 13}`, timestamp: n },
}));
const split = leaveOneOut(Interactions.from(rows), { order: 'time' });
const { train } = split;
const pairsOf = (part: Interactions) =>
  Array.from(part.users, (user, n) => `${part.userIds[user]} ${part.itemIds[part.items[n]]}`);
const taken = new Set([train, split.valid, split.test].flatMap(pairsOf));
const free = train.userIds
  .flatMap((user) => train.itemIds.map((item) => ({ user, item })))
  .filter(({ user, item }) => !taken.has(`${user} ${item}`));
const pairAt = (part: Interactions) => {
  const [user, item] = pairsOf(part)[0].split(' ');
  return { user, item };
};

describe('edges', () => {
  const edges: SupposedEdge[] = [
    { ...free[0], sign: 1, weight: 0.5 },
    { ...free[1], sign: -1, weight: 0.5 },
    { ...free[0], sign: -1 },
    { ...pairAt(train), sign: 1 },
    { ...pairAt(split.valid), sign: 1 },
    { ...pairAt(split.test), sign: -1 },
    { user: 'nobody', item: 'i1', sign: 1 },
  ];
  const { split: augmented, counts } = augmentSplit(split, edges, { weight: 0.5 });

  test('are added to training with their weights, or to what is disliked, each pair once', () => {
    expect(counts).toEqual({ liked: 1, disliked: 1, known: 2, heldOut: 2, unknown: 1 });
    expect(pairsOf(augmented.train)).toEqual([...pairsOf(train), `${free[0].user} ${free[0].item}`]);
    expect(Array.from(augmented.train.weights!)).toEqual([...Array(train.length).fill(1), 0.25]);
    expect(pairsOf(augmented.disliked!)).toEqual([`${free[1].user} ${free[1].item}`]);
    expect(augmented.train.timestamps!.at(-1)).toBe(Math.min(...train.timestamps!));
  });

  test('leave validation, test and what serving leaves out as they were', () => {
    expect(augmented.valid).toBe(split.valid);
    expect(augmented.test).toBe(split.test);
    expect(new Set(pairsOf(augmented.had!))).toEqual(taken);
  });

  test('of other data are refused, and none change nothing', () => {
    expect(() => augmentSplit(split, [{ user: 'x', item: 'y', sign: 1 }])).toThrow(DataError);
    expect(augmentSplit(split, []).split.train).toBe(train);
    expect(() => augmentSplit(split, [{ ...free[0], sign: 0 as never }])).toThrow(OptionError);
    expect(() => augmentSplit(split, [{ ...free[0], sign: 1, weight: 0 }])).toThrow(OptionError);
  });
});

describe('a file of edges', () => {
  const read = (text: string) => readEdges(new TextEncoder().encode(text), 'edges.csv');

  test.each([
    ['user,item,sign,weight\na,x,1,0.5\nb,y,-1,0.25\n'],
    ['item_id;user_id;Weight;liked\nx;a;0.5;true\ny;b;0.25;false\n'],
    ['{"user":"a","item":"x","sign":1,"weight":0.5}\n{"user":"b","item":"y","sign":-1,"weight":0.25}\n'],
    ['user\titem\tlabel\tconfidence\na\tx\tliked\t0.5\nb\ty\tdisliked\t0.25\n'],
  ])('is read: %j', async (text) => {
    expect(await read(text)).toEqual([
      { user: 'a', item: 'x', sign: 1, weight: 0.5 },
      { user: 'b', item: 'y', sign: -1, weight: 0.25 },
    ]);
  });

  test('without sign and weight holds liked pairs of weight 1', async () => {
    expect(await read('user,item\na,x\nb,y\n')).toEqual([
      { user: 'a', item: 'x', sign: 1, weight: 1 },
      { user: 'b', item: 'y', sign: 1, weight: 1 },
    ]);
  });

  test.each([
    ['user,item,sign\na,x,1\nb,y,maybe\n', /edges\.csv:3.*sign.*"maybe"/],
    ['user,item,weight\na,x,1\nb,y,-2\n', /edges\.csv:3.*weight > 0.*"-2"/],
    ['user,item,sign\na,x,1\n,y,1\n', /edges\.csv:3.*blank id/],
    ['colour,size\nred,1\nblue,2\n', /columns user and item/],
  ])('with %j is refused', async (text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });
});
