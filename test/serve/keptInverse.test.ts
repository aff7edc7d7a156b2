import { beforeAll, describe, expect, it } from 'vitest';
import { Interactions } from '../../src/data/interactions.ts';
import { leaveOneOut, type Split } from '../../src/data/splits.ts';
import { BudgetError, DataError, FormatError } from '../../src/errors.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/format/safetensors.ts';
import { ease } from '../../src/models/closed/ease.ts';
import { type KeptInverseOptions, keptInverse } from '../../src/models/closed/keptInverse.ts';
import { l3ae } from '../../src/models/closed/l3ae.ts';
import type { Scorer } from '../../src/rank/scorer.ts';
import { load, type Runtime } from '../../src/runtime/load.ts';
import { PURPOSE, Random } from '../../src/runtime/random.ts';
import type { ModelChange } from '../../src/serve/modelChanges.ts';
import type { ModelData } from '../../src/serve/modelFile/data.ts';
import { encodeModel } from '../../src/serve/modelFile/encode.ts';
import { withoutUsers } from '../../src/serve/quantizeModel.ts';
import { Recommender } from '../../src/serve/recommender.ts';
import { modelFrom } from '../../src/train/trainedModel.ts';

interface Pair {
  readonly user: string;
  readonly item: string;
  readonly weight?: number;
}
const ITEMS = 50;
const LAMBDA = 4;
const random = new Random(11, PURPOSE.synthetic);
/** Every user has some items; all items are had. */
const PAIRS: Pair[] = Array.from({ length: 80 }, (_, user) =>
  [...new Set([user % ITEMS, ...Array.from({ length: 7 }, () => Math.floor(random.uniform() * ITEMS))])].map(
    (item) => ({ user: `u${user}`, item: `i${item}` }),
  ),
).flat();
const ALL = { regularization: LAMBDA, entries: Number.POSITIVE_INFINITY };

let runtime: Runtime;
beforeAll(async () => {
  runtime = await load();
});

/** A model that keeps its inverse, of the training part of a split. */
async function kept(
  pairs: readonly Pair[],
  options: KeptInverseOptions = ALL,
  learn: (train: Interactions) => Promise<Scorer> = (train) => ease(train, options),
): Promise<{ model: ModelData; split: Split }> {
  const split = leaveOneOut(Interactions.from(pairs), { seed: 1 });
  const inverse = await keptInverse(split.train, options);
  return { model: modelFrom(split, await learn(split.train), { inverse }), split };
}
const open = (model: ModelData) => Recommender.open(encodeModel(model), { runtime });

/** Weights by pair of ids. */
function weightsOf({ itemIds, rows }: ModelData): Map<string, number> {
  const { rowPtr, indices, weights } = rows!;
  const all = new Map<string, number>();
  for (const [row, id] of itemIds.entries())
    for (let at = rowPtr[row]; at < rowPtr[row + 1]; at++)
      all.set(`${id} ${itemIds[indices[at]]}`, weights[at]);
  return all;
}

/** The pairs of a split's training part. */
const pairsOf = ({ train }: Split): Pair[] =>
  Array.from(train.users, (user, n) => ({
    user: train.userIds[user],
    item: train.itemIds[train.items[n]],
    ...(train.weights && { weight: train.weights[n] }),
  }));

/** The largest difference of any weight from those of a training on these pairs. */
async function distance(
  model: ModelData,
  pairs: readonly Pair[],
  learn = (train: Interactions): Promise<Scorer> => ease(train, ALL),
): Promise<number> {
  const train = Interactions.from(pairs);
  const empty = train.subset(new Int32Array(0));
  const own = weightsOf(modelFrom({ train, valid: empty, test: empty }, await learn(train)));
  const found = weightsOf(model);
  let most = 0;
  for (const pair of new Set([...own.keys(), ...found.keys()]))
    most = Math.max(most, Math.abs((own.get(pair) ?? 0) - (found.get(pair) ?? 0)));
  return most;
}

const CLICKS: Record<string, { change: ModelChange; pairs: (before: readonly Pair[]) => Pair[] }> = {
  'clicks of somebody known': {
    change: {
      op: 'addInteractions',
      rows: [
        { user: 'u3', item: 'i40' },
        { user: 'u3', item: 'i41' },
        { user: 'u9', item: 'i40' },
      ],
    },
    pairs: (before) => [
      ...before.filter(({ user, item }) => !['u3 i40', 'u3 i41', 'u9 i40'].includes(`${user} ${item}`)),
      { user: 'u3', item: 'i40' },
      { user: 'u3', item: 'i41' },
      { user: 'u9', item: 'i40' },
    ],
  },
  'a new person': {
    change: { op: 'addInteractions', rows: ['i1', 'i8', 'i20'].map((item) => ({ user: 'new', item })) },
    pairs: (before) => [...before, ...['i1', 'i8', 'i20'].map((item) => ({ user: 'new', item }))],
  },
  'what is disliked': {
    change: { op: 'addInteractions', rows: [{ user: 'u12', item: 'i8', liked: false }] },
    pairs: (before) => before.filter(({ user, item }) => `${user} ${item}` !== 'u12 i8'),
  },
  'a person less': {
    change: { op: 'removeUser', user: 'u7' },
    pairs: (before) => before.filter(({ user }) => user !== 'u7'),
  },
  'an item less': {
    change: { op: 'removeItems', ids: ['i6', 'i31'] },
    pairs: (before) => before.filter(({ item }) => item !== 'i6' && item !== 'i31'),
  },
};

describe('a model that keeps its inverse', () => {
  it.each(Object.entries(CLICKS))('is after %s what a training gives', async (_, { change, pairs }) => {
    const { model, split } = await kept(PAIRS);
    const recommender = await open(model);
    recommender.apply(change);
    const wanted = pairs(pairsOf(split));
    expect(await distance(recommender.model, wanted)).toBeLessThan(1e-5);
    expect(await distance(recommender.model, pairsOf(split))).toBeGreaterThan(1e-4);
    recommender.close();
  });

  it('is so with weights, a penalty on popularity and rows that are cut', async () => {
    const pairs = PAIRS.map((pair, n) => ({ ...pair, weight: 1 + (n % 3) / 2 }));
    const options = { regularization: LAMBDA, popularityPenalty: 0.5, negative: false, entries: 12 };
    const learn = (train: Interactions) => l3ae(train, null, { ...options, form: 'dense' });
    const { model, split } = await kept(pairs, options, learn);
    const recommender = await open(model);
    recommender.addInteractions([
      { user: 'u3', item: 'i40' },
      { user: 'new', item: 'i40' },
      { user: 'new', item: 'i2' },
    ]);
    const before = pairsOf(split);
    const more = [
      ...(before.some(({ user, item }) => user === 'u3' && item === 'i40')
        ? []
        : [{ user: 'u3', item: 'i40', weight: 1 }]),
      { user: 'new', item: 'i40', weight: 1 },
      { user: 'new', item: 'i2', weight: 1 },
    ];
    expect(await distance(recommender.model, [...before, ...more], learn)).toBeLessThan(1e-5);
    recommender.close();
  });

  it('stays so over a thousand clicks, one by one', async () => {
    const { model, split } = await kept(PAIRS);
    const recommender = await open(model);
    const pairs = new Map(pairsOf(split).map((pair) => [`${pair.user} ${pair.item}`, pair]));
    for (let n = 0; n < 1000; n++) {
      const pair = { user: `v${n % 90}`, item: `i${Math.floor(random.uniform() * ITEMS)}` };
      recommender.addInteractions([pair]);
      pairs.set(`${pair.user} ${pair.item}`, pair);
    }
    expect(await distance(recommender.model, [...pairs.values()])).toBeLessThan(1e-5);
    recommender.close();
  });

  it('scores, explains and ranks by the rows that it has now, as after a snapshot, to the bit', async () => {
    const { model } = await kept(PAIRS);
    const recommender = await open(model);
    recommender.addInteractions([
      { user: 'u3', item: 'i40' },
      { user: 'new', item: 'i41' },
    ]);
    const again = await Recommender.open(recommender.encode(), { runtime });
    for (const person of ['u3', 'new', { history: ['i40', 'i7'], weights: [1, -0.5] }])
      expect(again.recommend(person, { k: 9 })).toEqual(recommender.recommend(person, { k: 9 }));
    expect(again.similarItems('i40')).toEqual(recommender.similarItems('i40'));
    const [first] = recommender.recommend('u3');
    const { score, shares, rest } = recommender.explain('u3', first.id);
    expect(shares.reduce((sum, { share }) => sum + share, rest)).toBeCloseTo(score, 6);
    expect(rest).toBeCloseTo(0, 6);
    again.close();
    recommender.close();
  });

  it('gives the same bytes for the same journal, snapshots in between or not', async () => {
    const { model } = await kept(PAIRS);
    const text = {
      encoder: 'test',
      width: 4,
      items: {
        codes: new Int8Array(model.itemIds.length * 4),
        scales: new Float32Array(model.itemIds.length).fill(0.01),
      },
    };
    for (const at of text.items.codes.keys()) text.items.codes[at] = ((at * 37) % 200) - 100;
    const journal: ModelChange[] = [
      CLICKS['clicks of somebody known'].change,
      { op: 'addItems', items: [{ id: 'with a text', vector: [1, 2, -1, 0] }, { id: 'without' }] },
      {
        op: 'addInteractions',
        rows: [
          { user: 'u3', item: 'with a text' },
          { user: 'new', item: 'without' },
        ],
      },
      { op: 'removeItems', ids: ['i6'] },
      {
        op: 'addInteractions',
        rows: [
          { user: 'new', item: 'i9' },
          { user: 'u8', item: 'without' },
        ],
      },
      { op: 'removeUser', user: 'u7' },
      { op: 'addInteractions', rows: [{ user: 'new', item: 'with a text' }] },
    ];
    const straight = await open({ ...model, text });
    for (const change of journal) straight.apply(change);
    let stepwise = await open({ ...model, text });
    for (const change of journal) {
      stepwise.apply(change);
      stepwise.recommend('u3');
      const bytes = stepwise.encode();
      stepwise.close();
      stepwise = await Recommender.open(bytes, { runtime });
    }
    expect(Buffer.from(stepwise.encode()).equals(Buffer.from(straight.encode()))).toBe(true);
    straight.close();
    stepwise.close();
  });

  it('learns of a new item without a text by clicks alone, as a training does, and shows it then', async () => {
    const { model, split } = await kept(PAIRS);
    const recommender = await open(model);
    recommender.addItems([{ id: 'z' }]);
    const clicks = ['u1', 'u2', 'u3', 'u4'].map((user) => ({ user, item: 'z' }));
    recommender.addInteractions(clicks);
    expect(await distance(recommender.model, [...pairsOf(split), ...clicks])).toBeLessThan(1e-5);
    expect(recommender.recommend({ history: ['i1'] }, { k: ITEMS }).some(({ id }) => id === 'z')).toBe(true);
    recommender.close();
  });

  it('forgets what a removed person taught it, in memory and in snapshots', async () => {
    const { model } = await kept(PAIRS);
    const recommender = await open(model);
    const user = model.userIds.indexOf('u7');
    const { rowPtr, colIdx } = model.inverse!.learned;
    expect(rowPtr[user + 1] - rowPtr[user]).toBeGreaterThan(2);
    recommender.removeUser('u7');
    const { learned } = recommender.model.inverse!;
    expect(learned.rowPtr.length).toBe(rowPtr.length - 1);
    expect(learned.colIdx.length).toBe(colIdx.length - (rowPtr[user + 1] - rowPtr[user]));
    recommender.close();
  });

  it('learns from what training learned from, not from all that is liked', async () => {
    const { model, split } = await kept(PAIRS);
    expect(model.inverse!.learned.colIdx.length).toBe(split.train.length);
    expect(model.seen!.colIdx.length).toBe(PAIRS.length);
    const held = split.test;
    const recommender = await open(model);
    const pair = { user: held.userIds[held.users[0]], item: held.itemIds[held.items[0]] };
    recommender.addInteractions([pair]);
    expect(await distance(recommender.model, [...pairsOf(split), pair])).toBeLessThan(1e-5);
    recommender.close();
  });

  it('changes nothing where memory is short, and says so', async () => {
    const wide = Array.from({ length: 600 }, (_, n) => ({ user: `u${n % 40}`, item: `i${n}` }));
    const bytes = encodeModel((await kept(wide)).model);
    const openWithin = async (maxMemoryBytes: number): Promise<Recommender> => {
      const small = await load({ maxMemoryBytes });
      return Recommender.open(bytes, { runtime: small }).catch(() => openWithin(maxMemoryBytes + 2 ** 16));
    };
    const recommender = await openWithin(bytes.length);
    const before = recommender.encode();
    expect(() => recommender.addInteractions([{ user: 'u3', item: 'i40' }])).toThrow(BudgetError);
    expect(() => recommender.addItems([{ id: 'z' }])).toThrow(BudgetError);
    expect(() => recommender.removeItems(['i40'])).toThrow(BudgetError);
    expect(() => recommender.removeUser('u3')).toThrow(BudgetError);
    expect(Buffer.from(recommender.encode()).equals(Buffer.from(before))).toBe(true);
    recommender.close();
  });
});

describe('a file with an inverse', () => {
  it('leaves it out with the people', async () => {
    const { model } = await kept(PAIRS);
    expect(withoutUsers(model).inverse).toBeNull();
  });

  it('is refused when the inverse is of another training', async () => {
    const { split } = await kept(PAIRS);
    const inverse = await keptInverse(Interactions.from(PAIRS.slice(0, 200)), ALL);
    const scorer = await ease(split.train, ALL);
    expect(() => modelFrom(split, scorer, { inverse })).toThrow(DataError);
  });

  it.each([
    ['a negative diagonal', 'inverse.values', 0, -1],
    ['a diagonal beyond 1/λ', 'inverse.values', 0, 9],
    ['NaN', 'inverse.values', 1, Number.NaN],
    ['items out of range', 'inverse.col_idx', 0, 99],
    ['rows that descend', 'inverse.row_ptr', 1, 9999],
  ])('is refused with %s', async (_, name, at, value) => {
    const { model } = await kept(PAIRS);
    const { tensors, metadata } = decodeSafetensors(encodeModel(model), 'model');
    const data = tensors[name].data.slice();
    data[at] = value;
    const { checksum: _checksum, ...rest } = metadata;
    const bytes = encodeSafetensors({ ...tensors, [name]: { ...tensors[name], data } as never }, rest);
    await expect(Recommender.open(bytes, { runtime })).rejects.toThrow(FormatError);
  });
});
