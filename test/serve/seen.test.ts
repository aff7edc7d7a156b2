import { beforeAll, describe, expect, it } from 'vitest';
import { timeSplit, wholeSplit } from '../../src/data/globalSplits.ts';
import { Interactions } from '../../src/data/interactions.ts';
import { kCore } from '../../src/data/kCore.ts';
import { alignSplit } from '../../src/data/readySplit.ts';
import { coldStart, leaveOneOut, ratioSplit, type Split } from '../../src/data/splits.ts';
import { initialize } from '../../src/init/initialize.ts';
import { itemKnn } from '../../src/models/closed/itemKnn.ts';
import { popularity } from '../../src/models/closed/popularity.ts';
import { BlendScorer } from '../../src/rank/blendScorer.ts';
import { TableScorer } from '../../src/rank/tableScorer.ts';
import { load, type Runtime } from '../../src/runtime/load.ts';
import { createHandler } from '../../src/serve/http/handler.ts';
import type { ModelData } from '../../src/serve/modelFile/data.ts';
import { encodeModel } from '../../src/serve/modelFile/encode.ts';
import { quantizeModel } from '../../src/serve/quantizeModel.ts';
import { Recommender } from '../../src/serve/recommender.ts';
import { modelFrom } from '../../src/train/trainedModel.ts';

/** 20 users rate 10 of 30 items 1–5; 4 and 5 are liked. */
const rows = Array.from({ length: 200 }, (_, n) => ({
  user: `u${n % 20}`,
  item: `i${(7 * n + 3 * (n % 20) + Math.floor(n / 20)) % 30}`,
  rating: 1 + ((3 * n + Math.floor(n / 20)) % 5),
  timestamp: 1000 + ((37 * n) % 200),
}));
const rated = Interactions.from(rows, { minRating: 4 });
const { itemIds } = rated;
const pairs = (wanted: (rating: number) => boolean) => {
  const byUser = new Map<string, Set<string>>();
  for (const { user, item, rating } of rows) {
    const own = byUser.get(user) ?? new Set();
    byUser.set(user, own);
    if (wanted(rating)) own.add(item);
  }
  return byUser;
};
const met = pairs(() => true);
const liked = pairs((rating) => rating >= 4);

let runtime: Runtime;
beforeAll(async () => {
  runtime = await load();
});

async function tables(split: Split) {
  const { users, items, dim } = await initialize(split.train, null, { strategy: 'xavier', dim: 8, seed: 1 });
  return { users, items, dim };
}

const MODELS: Record<string, (split: Split) => Promise<ModelData>> = {
  factors: async (split) => modelFrom(split, await tables(split)),
  'factors in f16': async (split) =>
    quantizeModel(modelFrom(split, await tables(split)), { to: 'f16', runtime }),
  'factors in 8 bits': async (split) =>
    quantizeModel(modelFrom(split, await tables(split)), { to: 'int8', runtime }),
  'factors in 8 bits, rescored': async (split) =>
    quantizeModel(modelFrom(split, await tables(split)), { to: 'int8', rescore: 'f32', runtime }),
  'sparse rows': async (split) => modelFrom(split, await itemKnn(split.train)),
  popularity: async (split) => modelFrom(split, popularity(split.train)),
  'a blend': async (split) =>
    modelFrom(
      split,
      new BlendScorer('blend', [
        { scorer: new TableScorer('tables', await tables(split)), weight: 1, deviation: 1 },
        { scorer: await itemKnn(split.train), weight: 1, deviation: 1 },
      ]),
    ),
};

/** What a model recommends to a user, of all items. */
const listOf = (recommender: Recommender, user: string, options: object = {}) =>
  new Set(recommender.recommend(user, { k: itemIds.length, ...options }).map(({ id }) => id));
const listsOf = (recommender: Recommender, options: object) =>
  new Map(rated.userIds.map((user) => [user, listOf(recommender, user, options)]));
const allBut = (left: Set<string> | undefined) => new Set(itemIds.filter((id) => !left?.has(id)));

function expectLists(recommender: Recommender) {
  for (const user of rated.userIds) {
    expect(listOf(recommender, user)).toEqual(allBut(met.get(user)));
    expect(listOf(recommender, user, { seen: 'liked' })).toEqual(allBut(liked.get(user)));
    expect(listOf(recommender, user, { seen: 'none' })).toEqual(new Set(itemIds));
  }
}

describe('what users have is not recommended', () => {
  it.each(Object.keys(MODELS))('by %s, from a file and again from its encoding', async (name) => {
    const split = leaveOneOut(rated, { order: 'time' });
    const recommender = await Recommender.open(encodeModel(await MODELS[name](split)), { runtime });
    expectLists(recommender);
    expectLists(await Recommender.open(recommender.encode(), { runtime }));
  });

  it.each<[string, () => Split]>([
    ['leaveOneOut', () => leaveOneOut(rated)],
    ['ratioSplit', () => ratioSplit(rated, { order: 'time' })],
    ['timeSplit', () => timeSplit(rated)],
    ['timeSplit at a date', () => timeSplit(rated, { at: [1040] })],
    ['wholeSplit', () => wholeSplit(rated, { validShare: 0.1 })],
    ['coldStart', () => coldStart(leaveOneOut(rated), { seed: 1 })],
    ['coldStart of nearly all', () => coldStart(leaveOneOut(rated), { fraction: 1, seed: 1 })],
    ['kCore', () => leaveOneOut(kCore(rated, 2))],
    [
      'alignSplit',
      () => {
        const part = (n: number) =>
          Interactions.from(
            rows.filter((_, at) => at % 3 === n),
            { minRating: 4 },
          );
        return alignSplit(part(0), part(1), part(2));
      },
    ],
  ])('after %s', async (_, split) => {
    const whole = split();
    const recommender = new Recommender(await MODELS.factors(whole), runtime);
    for (const [user, list] of listsOf(recommender, {}))
      expect([...list].filter((item) => met.get(user)!.has(item))).toEqual([]);
  });

  it.each<[string, (set: Interactions) => Split]>([
    ['coldStart', (set) => coldStart(leaveOneOut(set), { seed: 3 })],
    ['timeSplit', (set) => timeSplit(set, { at: [1010] })],
  ])('by %s of interactions that are all liked, where some are in no part', async (_, splitOf) => {
    const split = splitOf(Interactions.from(rows));
    expect(split.train.length + split.valid.length + split.test.length).toBeLessThan(rows.length);
    const recommender = new Recommender(await MODELS['sparse rows'](split), runtime);
    for (const [user, list] of listsOf(recommender, { fallback: 'popular' }))
      expect([...list].filter((item) => met.get(user)!.has(item))).toEqual([]);
  });
});

describe('what came after training', () => {
  it.each(Object.keys(MODELS))('is not recommended by %s if it is not liked', async (name) => {
    const model = await MODELS[name](leaveOneOut(rated, { order: 'time' }));
    let recommender = await Recommender.open(encodeModel(model), { runtime });
    const item = itemIds.find((id) => !met.get('u1')!.has(id))!;
    recommender.addInteractions([
      { user: 'u1', item, liked: false },
      { user: 'new', item: itemIds[0], liked: false },
      { user: 'new', item: itemIds[1] },
    ]);
    for (let turn = 0; turn < 2; turn++) {
      expect(listOf(recommender, 'u1')).toEqual(allBut(new Set([...met.get('u1')!, item])));
      expect(listOf(recommender, 'u1', { seen: 'liked' }).has(item)).toBe(true);
      expect(listOf(recommender, 'new')).toEqual(allBut(new Set(itemIds.slice(0, 2))));
      expect(listOf(recommender, 'new', { seen: 'liked' })).toEqual(allBut(new Set([itemIds[1]])));
      recommender = await Recommender.open(recommender.encode(), { runtime });
    }
  });

  it('is left out of popular items for somebody who likes nothing, alone and among many', async () => {
    const recommender = new Recommender(await MODELS.factors(leaveOneOut(rated)), runtime);
    recommender.addInteractions([{ user: 'sour', item: itemIds[2], liked: false }]);
    expect(() => recommender.recommend('sour')).toThrow(/a user who likes an item/);
    const options = { k: itemIds.length, fallback: 'popular' } as const;
    expect(listOf(recommender, 'sour', options)).toEqual(allBut(new Set([itemIds[2]])));
    const people = ['nobody', 'sour', 'nobody'];
    const lists: Set<string>[] = [];
    for await (const { items } of recommender.recommendMany(people, options))
      lists.push(new Set(items.map(({ id }) => id)));
    expect(lists).toEqual([allBut(undefined), allBut(new Set([itemIds[2]])), allBut(undefined)]);
  });

  it('is refused with a rating, which nothing would read', async () => {
    const recommender = new Recommender(await MODELS.factors(leaveOneOut(rated)), runtime);
    const row = { user: 'u1', item: itemIds[0], rating: 1 };
    expect(() => recommender.addInteractions([row])).toThrow(/received "rating".*liked: false/);
  });
});

describe('many at once and over HTTP', () => {
  it('leave out what one request leaves out', async () => {
    const recommender = new Recommender(await MODELS.factors(leaveOneOut(rated)), runtime);
    const handler = createHandler(recommender);
    for (const seen of ['had', 'liked', 'none'] as const) {
      const lists = listsOf(recommender, { seen });
      for await (const { person, items } of recommender.recommendMany(rated.userIds, { k: 30, seen }))
        expect(new Set(items.map(({ id }) => id))).toEqual(lists.get(person as string));
      const answer = await handler(new Request(`http://x/v1/recommendations?user=u3&k=30&seen=${seen}`));
      const { items } = (await answer.json()) as { items: { id: string }[] };
      expect(new Set(items.map(({ id }) => id))).toEqual(lists.get('u3'));
    }
  });
});
