import { beforeAll, describe, expect, it } from 'vitest';
import { leaveOneOut } from '../../src/data/splits.ts';
import { UnsupportedError } from '../../src/errors.ts';
import { evaluateScorer } from '../../src/evaluate/evaluate.ts';
import { initialize } from '../../src/init/initialize.ts';
import { CodeScorer } from '../../src/rank/codeScorer.ts';
import type { CodeWeights } from '../../src/rank/sequences/weights.ts';
import { load, type Runtime } from '../../src/runtime/load.ts';
import type { ModelData } from '../../src/serve/modelFile/data.ts';
import { decodeModel } from '../../src/serve/modelFile/decode.ts';
import { encodeModel } from '../../src/serve/modelFile/encode.ts';
import { quantizeModel } from '../../src/serve/quantizeModel.ts';
import { Recommender } from '../../src/serve/recommender.ts';
import { Sequences } from '../../src/serve/scoring/sequenceReader.ts';
import { fit } from '../../src/train/fit.ts';
import { modelFrom } from '../../src/train/trainedModel.ts';
import { circleCodes, circleWalks, ITEMS } from '../models/sequences/walks.ts';
import { started } from '../rank/started.ts';

const split = leaveOneOut(circleWalks(), { order: 'time' });
const item = (n: number) => `i${(n + 2 * ITEMS) % ITEMS}`;
const walk = (from: number, length: number) => Array.from({ length }, (_, n) => item(from + n));
const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id);

let runtime: Runtime;
let scorer: CodeScorer;
let model: ModelData;
beforeAll(async () => {
  runtime = await load();
  const initial = await initialize(split.train, null, { strategy: 'xavier', dim: 16, seed: 1 });
  const optimizer = { name: 'adam', learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;
  const { sequence } = await fit(split, initial, {
    ...{
      model: 'tiger',
      epochs: 80,
      patience: 80,
      batchSize: 20,
      hiddenDropout: 0,
      maxLength: 4,
      beams: 3,
      optimizer,
    },
    codes: circleCodes(split.train),
  });
  scorer = new CodeScorer('tiger', sequence!);
  model = modelFrom(split, scorer);
});

const openFile = (bytes: Uint8Array) =>
  Recommender.open(bytes, { runtime, sequences: new Sequences(runtime) });
const openIt = async (own: ModelData = model) => openFile(encodeModel(own));

describe('a model of codes', () => {
  it('learns what comes next', async () => {
    const { means } = await evaluateScorer(scorer, split, { ks: [1], runtime });
    expect(means['recall@1']).toBeGreaterThan(0.9);
  });

  it('answers sessions from a file in their order, as evaluation scores them', async () => {
    const recommender = await openIt();
    for (const first of [0, 7, 21])
      expect(ids(recommender.recommend({ history: walk(first, 4) }, { k: 1 }))).toEqual([item(first + 4)]);
    const backwards = { history: [item(3), item(1), item(2)], times: [3, 1, 2] };
    expect(ids(recommender.recommend(backwards, { k: 1, seen: 'none' }))).toEqual([item(4)]);
    const workspace = runtime.open();
    const scores = workspace.matrix(4, ITEMS);
    const history = walk(5, 4).map((id) => split.train.itemIds.indexOf(id));
    started(scorer.adder(workspace)).add([{ user: null, history }], 1, scores);
    for (const [n, id] of split.train.itemIds.entries())
      expect(recommender.score({ history: walk(5, 4) }, id)).toBe(scores.row(0).view[n]);
    workspace.close();
  });

  it('answers its users and many people as one by one, filters and pages in one order', async () => {
    const recommender = await openIt();
    const people = ['u1', { history: walk(2, 3) }, 'u9', { history: [item(4)] }];
    const found: unknown[] = [];
    for await (const { items } of recommender.recommendMany(people, { k: 4 })) found.push(items);
    expect(found).toEqual(people.map((person) => recommender.recommend(person, { k: 4 })));
    expect(recommender.recommend('u4', { k: 1 })[0].id).toBe(item(28));
    const person = { history: walk(3, 4) };
    const all = ids(recommender.recommend(person, { k: ITEMS }));
    expect(all).toHaveLength(ITEMS - 4);
    expect(ids(recommender.recommend(person, { k: 3, offset: 2 }))).toEqual(all.slice(2, 5));
    const only = [item(1), item(7), item(12)];
    expect(ids(recommender.recommend(person, { only }))).toEqual(all.filter((id) => only.includes(id)));
    expect(recommender.similarItems(item(5), { k: 2 })).toHaveLength(2);
  });

  it('is the same after encoding again, and answers in f16 and in 8 bits', async () => {
    const recommender = await openIt();
    expect(recommender.encode()).toEqual(encodeModel(model));
    const again = decodeModel(encodeModel(model), 'model');
    expect(again.sequence).toEqual(model.sequence);
    const before = recommender.recommend({ history: walk(4, 4) });
    for (const to of ['f16', 'int8'] as const) {
      const small = await openIt(await quantizeModel(model, { to, runtime }));
      expect(small.recommend({ history: walk(4, 4) })).toEqual(before);
    }
  });

  it('takes what people do and items that go, and says what it cannot take', async () => {
    const recommender = await openIt();
    recommender.addInteractions([{ user: 'u0', item: item(8) }]);
    expect(ids(recommender.recommend('u0', { k: 1 }))).toEqual([item(9)]);
    recommender.removeItems([item(9), item(23)]);
    const left = recommender.recommend('u0', { k: ITEMS });
    expect(left.map(({ id }) => id)).not.toContain(item(9));
    const sum = left.reduce((total, { score }) => total + Math.exp(score), 0);
    expect(sum).toBeGreaterThan(0);
    const smaller = await openFile(recommender.encode());
    expect(smaller.recommend('u0', { k: ITEMS })).toEqual(left);
    const vector = new Float32Array(4);
    expect(() => recommender.addItems([{ id: 'new', vector }])).toThrow(UnsupportedError);
    expect(() => recommender.addItems([{ id: 'new', vector }])).toThrow(/tiger.*Train again/);
  });

  it('explains by what the log probability loses without an item', async () => {
    const recommender = await openIt();
    const { score, shares, graph } = recommender.explain({ history: walk(3, 4) }, item(7));
    const last = shares.find(({ id }) => id === item(6))!;
    const without = recommender.score({ history: walk(3, 3) }, item(7));
    expect(last.share).toBeCloseTo(score - without, 4);
    expect(graph).toBeNull();
    expect(() => scorer.explain({ user: null, history: [1] }, 2)).toThrow(/mixes the whole history/);
  });

  it('refuses damaged codes, and files without what reads them', async () => {
    const { sequence } = model;
    const codes = sequence!.codes!;
    const edited = (own: Partial<CodeWeights>) =>
      openIt({ ...model, sequence: { ...sequence!, codes: { ...codes, ...own } } });
    const twice = codes.values.slice();
    twice.copyWithin(0, 3, 6);
    await expect(edited({ values: twice })).rejects.toThrow(/other codes for every item/);
    await expect(edited({ values: codes.values.slice(3) })).rejects.toThrow(/codes of 24 items/);
    await expect(edited({ tokens: codes.tokens.slice(16) })).rejects.toThrow(/values of tokens/);
    await expect(edited({ tokens: codes.tokens.map(() => Number.NaN) })).rejects.toThrow(
      /finite values of tokens/,
    );
    await expect(edited({ beams: 0 })).rejects.toThrow(/beams/);
    await expect(openIt({ ...model, sequence: { ...sequence!, maxLength: 13 } })).rejects.toThrow(
      /positions|length/,
    );
    await expect(Recommender.open(encodeModel(model), { runtime })).rejects.toThrow(/llminit\/sequences/);
  });
});
