import { beforeAll, describe, expect, it } from 'vitest';
import { Interactions } from '../../src/data/interactions.ts';
import { leaveOneOut } from '../../src/data/splits.ts';
import { UnsupportedError } from '../../src/errors.ts';
import { evaluateScorer } from '../../src/evaluate/evaluate.ts';
import { initialize } from '../../src/init/initialize.ts';
import { SequenceScorer } from '../../src/rank/sequenceScorer.ts';
import type { SequenceWeights } from '../../src/rank/sequences/weights.ts';
import { load, type Runtime } from '../../src/runtime/load.ts';
import { createHandler } from '../../src/serve/http/handler.ts';
import type { ModelData } from '../../src/serve/modelFile/data.ts';
import { decodeModel } from '../../src/serve/modelFile/decode.ts';
import { encodeModel } from '../../src/serve/modelFile/encode.ts';
import { quantizeModel } from '../../src/serve/quantizeModel.ts';
import { Recommender } from '../../src/serve/recommender.ts';
import { Sequences } from '../../src/serve/scoring/sequenceReader.ts';
import { fit } from '../../src/train/fit.ts';
import { modelFrom } from '../../src/train/trainedModel.ts';

const ITEMS = 24;

/** Everybody goes up the same circle of items from a place of their own; rows stand in no order. */
const rows = Array.from({ length: 60 }, (_, user) =>
  Array.from({ length: 8 }, (_, step) => ({
    user: `u${user}`,
    item: `i${(5 * user + step) % ITEMS}`,
    timestamp: 1000 * user + step,
  })),
)
  .flat()
  .map((row, n) => ({ row, key: (n * 7919) % 480 }))
  .sort((a, b) => a.key - b.key)
  .map(({ row }) => row);
const split = leaveOneOut(Interactions.from(rows), { order: 'time' });
const item = (n: number) => `i${(n + 2 * ITEMS) % ITEMS}`;
const walk = (from: number, length: number) => Array.from({ length }, (_, n) => item(from + n));

let runtime: Runtime;
let scorer: SequenceScorer;
let model: ModelData;
beforeAll(async () => {
  runtime = await load();
  const initial = await initialize(split.train, null, { strategy: 'xavier', dim: 16, seed: 1 });
  const optimizer = { name: 'adam', learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;
  const trained = await fit(split, initial, {
    ...{ model: 'sasrec', epochs: 40, batchSize: 20, hiddenDropout: 0.1, maxLength: 6, optimizer },
  });
  expect(trained.warning).toBeNull();
  scorer = new SequenceScorer('sasrec', { items: trained.factors.items, weights: trained.sequence! });
  model = modelFrom(split, scorer);
});

const openFile = (bytes: Uint8Array) =>
  Recommender.open(bytes, { runtime, sequences: new Sequences(runtime) });
const openIt = async (own: ModelData = model) => openFile(encodeModel(own));
const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id);

describe('a model of sequences', () => {
  it('learns what comes next', async () => {
    const { means } = await evaluateScorer(scorer, split, { ks: [1, 5], runtime });
    expect(means['recall@1']).toBeGreaterThan(0.95);
  });

  it('answers a session from a file, in its order', async () => {
    const recommender = await openIt();
    for (const first of [0, 7, 21])
      expect(ids(recommender.recommend({ history: walk(first, 4) }, { k: 1 }))).toEqual([item(first + 4)]);
    const history = [item(3), item(1), item(2)];
    const options = { k: 1, seen: 'none' } as const;
    expect(ids(recommender.recommend({ history }, options))).toEqual([item(3)]);
    const byTime = { history, times: [3, 1, 2] };
    expect(ids(recommender.recommend(byTime, options))).toEqual([item(4)]);
    // Of an item that stands twice the later place counts.
    expect(recommender.recommend({ history: [item(3), ...walk(1, 3)] })).toEqual(
      recommender.recommend({ history: walk(1, 3) }),
    );
    expect(recommender.recommendFor(walk(1, 3))).toEqual(recommender.recommend({ history: walk(1, 3) }));
  });

  it('reads the last items of a long session', async () => {
    const recommender = await openIt();
    const scores = (history: string[]) => recommender.rank({ history }, [item(20), item(21)]);
    expect(scores(walk(0, 15))).toEqual(scores(walk(9, 6)));
  });

  it('answers its users by what they did, oldest first, and like their sessions', async () => {
    const recommender = await openIt();
    for (const user of [0, 3, 17]) {
      const own = recommender.recommend(`u${user}`, { k: 3 });
      expect(own[0].id).toBe(item(5 * user + 8));
      expect(ids(own)).toEqual(ids(recommender.recommend({ history: walk(5 * user, 8) }, { k: 3 })));
    }
  });

  it('answers many as one by one, in f16, in 8 bits, and after encoding again', async () => {
    const recommender = await openIt();
    const people = ['u1', { history: walk(2, 3) }, 'u9', { history: [item(4)] }];
    const found: unknown[] = [];
    for await (const { items } of recommender.recommendMany(people, { k: 4 })) found.push(items);
    expect(found).toEqual(people.map((person) => recommender.recommend(person, { k: 4 })));
    const again = await openFile(recommender.encode());
    expect(again.encode()).toEqual(recommender.encode());
    expect(recommender.encode()).toEqual(encodeModel(model));
    expect(decodeModel(encodeModel(model), 'model')).toMatchObject({
      sequence: model.sequence,
      seenOrder: model.seenOrder,
    });
    for (const to of ['f16', 'int8'] as const) {
      const small = await openIt(await quantizeModel(model, { to, runtime }));
      expect(ids(small.recommend('u4', { k: 1 }))).toEqual([item(28)]);
      expect(ids(small.recommend({ history: walk(4, 4) }, { k: 1 }))).toEqual([item(8)]);
    }
    const strangers = await openIt(await quantizeModel(model, { to: 'f16', users: false, runtime }));
    expect(ids(strangers.recommend({ history: walk(4, 4) }, { k: 1 }))).toEqual([item(8)]);
  });

  it('takes changes in: what was done last counts last', async () => {
    const recommender = await openIt();
    const add = (user: string, n: number) => recommender.addInteractions([{ user, item: item(n) }]);
    add('u0', 8);
    expect(ids(recommender.recommend('u0', { k: 1 }))).toEqual([item(9)]);
    // Done again.
    add('u0', 2);
    const options = { k: 1, seen: 'none' } as const;
    expect(ids(recommender.recommend('u0', options))).toEqual([item(3)]);
    for (const n of [11, 12, 13]) add('new', n);
    expect(ids(recommender.recommend('new', { k: 1 }))).toEqual([item(14)]);
    const again = await openFile(recommender.encode());
    for (const user of ['u0', 'new', 'u5'])
      expect(again.recommend(user, options)).toEqual(recommender.recommend(user, options));
    recommender.removeItems([item(12)]);
    recommender.removeUser('u1');
    const smaller = await openFile(recommender.encode());
    expect(smaller.recommend('new', { k: 3 })).toEqual(recommender.recommend('new', { k: 3 }));
    expect(smaller.encode()).toEqual(recommender.encode());
  });

  it('filters, pages and finds similar items as others do', async () => {
    const recommender = await openIt();
    const person = { history: walk(3, 4) };
    const all = ids(recommender.recommend(person, { k: ITEMS }));
    expect(all).toHaveLength(ITEMS - 4);
    expect(ids(recommender.recommend(person, { k: 3, offset: 2 }))).toEqual(all.slice(2, 5));
    expect(ids(recommender.recommend(person, { only: [item(1), item(7)] }))[0]).toBe(item(7));
    expect(recommender.similarItems(item(5), { k: 2 })).toHaveLength(2);
    const [best] = recommender.recommend(person);
    expect(recommender.score(person, best.id)).toBe(best.score);
  });

  it('explains by what the score loses without an item', async () => {
    const recommender = await openIt();
    const { score, shares, rest, graph, sentence } = recommender.explain({ history: walk(3, 4) }, item(7));
    // The last step decides.
    expect(shares[0].id).toBe(item(6));
    expect(shares.reduce((sum, { share }) => sum + share, rest)).toBeCloseTo(score, 4);
    const without = recommender.score({ history: walk(3, 3) }, item(7));
    expect(shares[0].share).toBeCloseTo(score - without, 4);
    expect(graph).toBeNull();
    expect(sentence).toContain(item(6));
    expect(() => scorer.explain({ user: null, history: [1] }, 2)).toThrow(/mixes the whole history/);
  });

  it('is served over HTTP', async () => {
    const handler = createHandler(await openIt());
    const body = JSON.stringify({ history: walk(0, 4), k: 1 });
    const headers = { 'content-type': 'application/json' };
    const url = 'http://localhost/v1/recommendations';
    const response = await handler(new Request(url, { method: 'POST', body, headers }));
    const found = await response.json();
    expect(response.status, JSON.stringify(found)).toBe(200);
    expect(ids(found.items)).toEqual([item(4)]);
  });

  it('refuses weights, half-lives, times of another number and damaged files', async () => {
    const recommender = await openIt();
    const history = walk(3, 2);
    expect(() => recommender.recommend({ history, weights: [1, 2] })).toThrow(/received weights/);
    expect(() => recommender.recommend({ history, times: [1, 2], halfLife: 3 })).toThrow(/received halfLife/);
    expect(() => recommender.recommend({ history, times: [1] })).toThrow(/2 times for 2 items/);
    const { seenOrder, sequence, ...rest } = model;
    const bad: [Partial<ModelData>, RegExp][] = [
      [{ sequence }, /seen\.order beside a transformer/],
      [{ seenOrder }, /expected a transformer beside/],
      [{ sequence, seenOrder: seenOrder!.map(() => 0) }, /each place of user 0 once/],
      [{ sequence, seenOrder, userFactors: new Float32Array(60 * 16) }, /neither rows of users/],
      [{ sequence: { ...sequence!, dim: 8 }, seenOrder }, /of 8 columns/],
    ];
    for (const [parts, message] of bad) expect(() => encodeModel({ ...rest, ...parts })).toThrow(message);
    const { positions, ...tables } = sequence!.tables;
    const others: [SequenceWeights, RegExp][] = [
      [{ ...sequence!, heads: 3 }, /heads that divide dim 16/],
      [{ ...sequence!, blocks: 1e9 }, /blocks of a transformer in 1 … 256/],
      [{ ...sequence!, tables }, /table positions of 6 × 16, received none/],
    ];
    for (const [weights, message] of others)
      await expect(openIt({ ...model, sequence: weights })).rejects.toThrow(message);
    expect(positions.rows).toBe(6);
  });

  it('is refused without what reads it, which the message names', async () => {
    await expect(Recommender.open(encodeModel(model), { runtime })).rejects.toThrow(/llminit\/sequences/);
    expect(() => new Recommender(model, runtime)).toThrow(UnsupportedError);
  });
});

describe('training of sequences', () => {
  it('says where a split is not in order of time, or has no times', async () => {
    const warningOf = async (all: Interactions) => {
      const random = leaveOneOut(all, { seed: 3 });
      const initial = await initialize(random.train, null, { strategy: 'xavier', dim: 4, seed: 1 });
      return (await fit(random, initial, { model: 'sasrec', epochs: 1 })).warning;
    };
    expect(await warningOf(Interactions.from(rows))).toMatch(/ill-posed.*order of time/);
    const timeless = rows.map(({ user, item: id }) => ({ user, item: id }));
    expect(await warningOf(Interactions.from(timeless))).toMatch(/have no times/);
  });
});
