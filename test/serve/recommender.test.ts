import { beforeAll, describe, expect, it } from 'vitest';
import { load, type Runtime } from '../../src/runtime/load.ts';
import { PURPOSE, Random } from '../../src/runtime/random.ts';
import type { ModelData } from '../../src/serve/modelFile/data.ts';
import { encodeModel } from '../../src/serve/modelFile/encode.ts';
import { Recommender } from '../../src/serve/recommender.ts';

const NUM_USERS = 9;
const NUM_ITEMS = 37;
const DIM = 5;

/** A model with random factors; items 11 and 12 are the same, user u has the items u, u + 1 … 2u. */
function sampleModel(): ModelData {
  const random = new Random(3, PURPOSE.synthetic);
  const table = (rows: number) => Float32Array.from({ length: rows * DIM }, () => random.uniform() - 0.5);
  const itemFactors = table(NUM_ITEMS);
  itemFactors.copyWithin(12 * DIM, 11 * DIM, 12 * DIM);
  const rowPtr = [0];
  const colIdx: number[] = [];
  for (let user = 0; user < NUM_USERS; user++) {
    for (let item = user; item <= 2 * user; item++) colIdx.push(item);
    rowPtr.push(colIdx.length);
  }
  const itemDegrees = new Int32Array(NUM_ITEMS);
  for (const item of colIdx) itemDegrees[item]++;
  return {
    userIds: Array.from({ length: NUM_USERS }, (_, n) => `user ${n}`),
    itemIds: Array.from({ length: NUM_ITEMS }, (_, n) => `item ${n}`),
    itemTitles: Array.from({ length: NUM_ITEMS }, (_, n) => `Title ${n}`),
    dim: DIM,
    userFactors: table(NUM_USERS),
    itemFactors,
    itemDegrees,
    seen: { rowPtr: Int32Array.from(rowPtr), colIdx: Int32Array.from(colIdx) },
    config: {},
    metrics: {},
  };
}

const model = sampleModel();
let runtime: Runtime;
let recommender: Recommender;
beforeAll(async () => {
  runtime = await load();
  recommender = await Recommender.open(encodeModel(model), 'sample', runtime);
});

/** f32 inner product, summed in column order. */
function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let c = 0; c < DIM; c++) sum = Math.fround(sum + Math.fround(a[c] * b[c]));
  return sum;
}

const userRow = (user: number) => model.userFactors!.subarray(user * DIM, (user + 1) * DIM);
const itemRow = (item: number) => model.itemFactors.subarray(item * DIM, (item + 1) * DIM);
const seenBy = (user: number) => Array.from({ length: user + 1 }, (_, n) => user + n);

/** All items not left out, by a full sort. */
function expected(row: Float32Array, leftOut: readonly number[], k: number): string[] {
  const items = Array.from({ length: NUM_ITEMS }, (_, n) => n).filter((item) => !leftOut.includes(item));
  const scores = items.map((item) => dot(row, itemRow(item)));
  const order = items.map((_, n) => n).sort((a, b) => scores[b] - scores[a] || items[a] - items[b]);
  return order.slice(0, k).map((n) => `item ${items[n]}`);
}

const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id);

describe('open', () => {
  it('takes an ArrayBuffer, as a response gives it', async () => {
    const { buffer } = new Uint8Array(encodeModel(model));
    const opened = await Recommender.open(buffer, 'response', runtime);
    expect(opened.recommend('user 1')).toEqual(recommender.recommend('user 1'));
  });
});

describe('recommend', () => {
  it('gives the k best unseen items of every user, equal scores in model order', () => {
    for (let user = 0; user < NUM_USERS; user++) {
      for (const k of [1, 3, 10, 20]) {
        expect(ids(recommender.recommend(`user ${user}`, { k }))).toEqual(
          expected(userRow(user), seenBy(user), k),
        );
      }
    }
  });

  it('returns the titles and the scores that `score` returns', () => {
    for (const { id, title, score } of recommender.recommend('user 4')) {
      expect(title).toBe(id.replace('item', 'Title'));
      expect(score).toBe(recommender.score('user 4', id));
    }
  });

  it('returns all that is left when k is larger, and nothing seen', () => {
    const all = ids(recommender.recommend('user 8', { k: 1000 }));
    expect(all.length).toBe(NUM_ITEMS - 9);
    for (const item of seenBy(8)) expect(all).not.toContain(`item ${item}`);
  });

  it('returns seen items when asked to', () => {
    const all = ids(recommender.recommend('user 8', { k: NUM_ITEMS, includeSeen: true }));
    expect(new Set(all).size).toBe(NUM_ITEMS);
  });

  it('still returns k items when some are excluded', () => {
    const best = ids(recommender.recommend('user 2', { k: 5 }));
    const next = ids(recommender.recommend('user 2', { k: 5, exclude: best }));
    expect(next.length).toBe(5);
    expect(next).toEqual(ids(recommender.recommend('user 2', { k: 10 })).slice(5));
  });

  it('returns only items of the allow list, without seen and excluded ones', () => {
    const only = ['item 1', 'item 2', 'item 3', 'item 30', 'item 31'];
    const got = ids(recommender.recommend('user 2', { k: 10, only, exclude: ['item 31'] }));
    expect([...got].sort()).toEqual(['item 1', 'item 30']);
  });

  it('leaves nothing of one call in the next', () => {
    const before = recommender.recommend('user 3');
    recommender.recommend('user 3', { k: 30, exclude: ids(before) });
    recommender.popularItems({ k: 20 });
    recommender.similarItems('item 5', { k: 20 });
    expect(recommender.recommend('user 3')).toEqual(before);
  });
});

describe('recommendFor a history', () => {
  it('ranks by the mean of the history and leaves the history out', () => {
    const history = [30, 4, 17];
    const mean = Float32Array.from({ length: DIM }, (_, c) => {
      const sum = [4, 17, 30].reduce((total, item) => total + itemRow(item)[c], 0);
      return sum / 3;
    });
    const got = recommender.recommendFor(
      history.map((item) => `item ${item}`),
      { k: 12 },
    );
    expect(ids(got)).toEqual(expected(mean, history, 12));
  });

  it('does not depend on the order of the history or on repeats', () => {
    const one = recommender.recommendFor(['item 1', 'item 2', 'item 9']);
    expect(recommender.recommendFor(['item 9', 'item 1', 'item 2', 'item 1'])).toEqual(one);
  });

  it('serves the users of a model without user factors from their histories', () => {
    const light = new Recommender({ ...model, userFactors: null }, runtime);
    const history = seenBy(6).map((item) => `item ${item}`);
    expect(light.recommend('user 6')).toEqual(recommender.recommendFor(history));
  });
});

describe('similarItems and popularItems', () => {
  it('rank by cosine without the item itself; an equal item comes first with cosine 1', () => {
    const similar = recommender.similarItems('item 11', { k: 36 });
    expect(similar[0].id).toBe('item 12');
    expect(similar[0].score).toBeCloseTo(1, 6);
    expect(ids(similar)).not.toContain('item 11');
    const norm = (row: Float32Array) => Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    for (const { id, score } of similar) {
      const row = itemRow(Number(id.slice(5)));
      expect(score).toBeCloseTo(dot(itemRow(11), row) / norm(row) / norm(itemRow(11)), 5);
    }
    expect(similar.map(({ score }) => score)).toEqual(
      similar.map(({ score }) => score).sort((a, b) => b - a),
    );
  });

  it('give the items with the most interactions, the first in the model first', () => {
    const popular = recommender.popularItems({ k: 6 });
    const order = [...model.itemDegrees.keys()].sort(
      (a, b) => model.itemDegrees[b] - model.itemDegrees[a] || a - b,
    );
    expect(ids(popular)).toEqual(order.slice(0, 6).map((item) => `item ${item}`));
    expect(popular[0].score).toBe(model.itemDegrees[order[0]]);
  });
});

describe('a Recommender refuses', () => {
  const cases: [string, () => unknown, RegExp][] = [
    ['a user it does not know', () => recommender.recommend('nobody'), /model's 9 users, received "nobody"/],
    [
      'an item it does not know in a history, when asked to',
      () => recommender.recommendFor(['item 1', 'soap'], { unknown: 'error' }),
      /received "soap"/,
    ],
    [
      'a history without an item that it knows',
      () => recommender.recommendFor(['soap', 'ink']),
      /an item of the model \(37 of them\) in the history, received "soap" and 1 others.*fallback: 'popular'/,
    ],
    [
      'an option that it does not read',
      () => recommender.recommend('user 1', { K: 3 } as never),
      /received K\. Did you mean k\?/,
    ],
    [
      'exclude that is no list',
      () => recommender.recommend('user 1', { exclude: 'item 1' as never }),
      /a list of item ids/,
    ],
    [
      'neither a user nor a history',
      () => recommender.recommend(7 as never),
      /a user id or \{ history \}, received 7/,
    ],
    [
      'weights for another number of items',
      () => recommender.recommend({ history: ['item 1'], weights: [1, 2] }),
      /1 weights for 1 items, received 2/,
    ],
    [
      'weights that are all zero',
      () => recommender.recommend({ history: ['item 1'], weights: [0] }),
      /a weight that is not 0/,
    ],
    [
      'times without a half-life',
      () => recommender.recommend({ history: ['item 1'], times: [3] }),
      /halfLife beside times/,
    ],
    [
      'a half-life of 0',
      () => recommender.recommend({ history: ['item 1'], times: [3], halfLife: 0 }),
      /halfLife to be a number > 0/,
    ],
    [
      'options among a history',
      () => recommender.recommend({ history: ['item 1'], k: 3 } as never),
      /received k\. Pass options as the second argument/,
    ],
    [
      'seen beside includeSeen',
      () => recommender.recommend('user 1', { includeSeen: true, seen: 'liked' }),
      /seen none beside includeSeen/,
    ],
    ['an empty history', () => recommender.recommendFor([]), /at least one item/],
    ['k = 0', () => recommender.recommend('user 1', { k: 0 }), /integer ≥ 1, received 0/],
    ['k = 1.5', () => recommender.recommend('user 1', { k: 1.5 }), /received 1\.5/],
    ['a history that is no list', () => recommender.recommendFor('item 1' as never), /list of item ids/],
    ['k = NaN', () => recommender.recommend('user 1', { k: Number.NaN }), /received NaN/],
    ['an unknown item to be similar to', () => recommender.similarItems('soap'), /"soap"/],
  ];
  for (const [what, call, message] of cases) it(what, () => expect(call).toThrow(message));

  it('users of a model with neither factors nor histories', () => {
    const bare = new Recommender({ ...model, userFactors: null, seen: null }, runtime);
    expect(() => bare.recommend('user 1')).toThrow(/neither/);
    expect(bare.recommendFor(['item 3']).length).toBe(10);
  });

  it('what is no file', async () => {
    await expect(Recommender.open('model.safetensors' as never)).rejects.toThrow(
      /expected the model file's bytes/,
    );
  });

  it('a model that does not fit the memory limit', async () => {
    const small = await load({ module: runtime.module, maxMemoryBytes: 1000 });
    expect(() => new Recommender(model, small)).toThrow(/limit is 1000/);
  });
});

describe('a recommender of something else', () => {
  it('is refused: a file name, bytes, another runtime', async () => {
    const runtime = await load();
    expect(() => new Recommender('model.safetensors' as never, runtime)).toThrow(
      'Recommender: expected a model, received "model.safetensors". Pass what modelFrom or decodeModel gives',
    );
    expect(() => new Recommender(undefined as never, runtime)).toThrow(
      'expected a model, received undefined',
    );
    expect(() => new Recommender({ itemIds: [] } as never, 'wasm' as never)).toThrow(
      'expected runtime to be a runtime of load() or loadThreads(), received "wasm"',
    );
  });
});
