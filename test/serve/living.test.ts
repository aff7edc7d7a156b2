import { beforeAll, describe, expect, it } from 'vitest';
import { DataError, OptionError, ShapeError } from '../../src/errors.ts';
import { load, type Runtime } from '../../src/runtime/load.ts';
import { PURPOSE, Random } from '../../src/runtime/random.ts';
import type { ModelChange } from '../../src/serve/modelChanges.ts';
import type { ModelData } from '../../src/serve/modelFile/data.ts';
import { encodeModel } from '../../src/serve/modelFile/encode.ts';
import { quantizeModel } from '../../src/serve/quantizeModel.ts';
import { Recommender } from '../../src/serve/recommender.ts';
import { blendModel, factorModel, itemsOf, NUM_ITEMS, rowModel } from './sampleModels.ts';

const WIDTH = 24;
let runtime: Runtime;
beforeAll(async () => {
  runtime = await load();
});

/** A model whose items have text vectors. */
function withText(model: ModelData): ModelData {
  const random = new Random(9, PURPOSE.synthetic);
  const codes = Int8Array.from({ length: NUM_ITEMS * WIDTH }, () => Math.round(random.uniform() * 254 - 127));
  return {
    ...model,
    text: { encoder: 'test', width: WIDTH, items: { codes, scales: new Float32Array(NUM_ITEMS).fill(0.01) } },
  };
}
const open = (model: ModelData) => Recommender.open(encodeModel(model), { runtime });
const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id);
/** The text vector of an item. */
const vectorOf = (model: ModelData, item: number) =>
  Array.from(model.text!.items.codes.subarray(item * WIDTH, (item + 1) * WIDTH));

const CHANGES: ModelChange[] = [
  {
    op: 'addInteractions',
    rows: [
      { user: 'user 1', item: 'item 5' },
      { user: 'new', item: 'item 8' },
      { user: 'new', item: 'item 9', liked: false },
    ],
  },
  {
    op: 'addItems',
    items: [
      { id: 'a', title: 'A', vector: vectorOf(withText(factorModel()), 3) },
      { id: 'b', vector: vectorOf(withText(factorModel()), 7) },
    ],
  },
  { op: 'removeItems', ids: ['item 5', 'item 30'] },
  {
    op: 'addInteractions',
    rows: [
      { user: 'new', item: 'a' },
      { user: 'user 4', item: 'b' },
    ],
  },
  { op: 'hideItems', ids: ['item 2'], hidden: true },
  { op: 'removeUser', user: 'user 3' },
  { op: 'updateItems', items: [{ id: 'item 1', title: 'New title' }] },
  { op: 'addItems', items: [{ id: 'item 5', vector: vectorOf(withText(factorModel()), 20) }], exposure: 2 },
];

describe('a living model', () => {
  it('gives the same bytes for the same changes, whether snapshots lie between or not, of every kind', async () => {
    const factors = withText(factorModel());
    const kinds = [
      factors,
      withText(rowModel()),
      withText(blendModel()),
      await quantizeModel(factors, { to: 'f16', runtime }),
      await quantizeModel(factors, { to: 'int8', runtime }),
      await quantizeModel(factors, { to: 'int8', rescore: 'f32', runtime }),
    ];
    for (const model of kinds) {
      const straight = await open(model);
      for (const change of CHANGES) straight.apply(JSON.parse(JSON.stringify(change)));
      let stepwise = await open(model);
      for (const change of CHANGES) {
        stepwise.apply(change);
        stepwise.recommend('user 1');
        const bytes = stepwise.encode();
        stepwise.close();
        stepwise = await Recommender.open(bytes, { runtime });
      }
      expect(stepwise.model).toEqual(straight.model);
      expect(stepwise.encode()).toEqual(straight.encode());
      expect(stepwise.recommend('new', { k: 70 })).toEqual(straight.recommend('new', { k: 70 }));
    }
  });

  it('recommends new items at once, near those whose text is like theirs, and marks them', async () => {
    const model = withText(factorModel());
    const recommender = await open(model);
    recommender.addItems([
      { id: 'twin', title: 'Twin', vector: vectorOf(model, 3), attributes: { category: 'Toys', price: 3 } },
    ]);
    const found = recommender.recommend('user 1', { k: 100 }).find(({ id }) => id === 'twin');
    expect(found).toMatchObject({ title: 'Twin', cold: true });
    expect(ids(recommender.recommend('user 1', { where: { category: 'Toys', price: 3 }, k: 100 }))).toContain(
      'twin',
    );
    const length = (row: ArrayLike<number>) => Math.sqrt(Array.from(row).reduce((sum, x) => sum + x * x, 0));
    const rows = recommender.model.itemFactors;
    const lengths = Array.from({ length: NUM_ITEMS }, (_, n) =>
      length(rows.subarray(n * model.dim, (n + 1) * model.dim)),
    );
    const own = length(rows.subarray(NUM_ITEMS * model.dim));
    expect(own).toBeCloseTo(lengths.reduce((a, b) => a + b) / NUM_ITEMS, 4);
    recommender.addItems([{ id: 'loud', vector: vectorOf(model, 3) }], { exposure: 3 });
    expect(length(recommender.model.itemFactors.subarray((NUM_ITEMS + 1) * model.dim))).toBeCloseTo(
      3 * own,
      3,
    );
  });

  it('is pointed to by an item of the same text as strongly as that points to any', async () => {
    const model = withText(rowModel());
    const recommender = await open(model);
    const scoreOf = (id: string, exposure?: number) => {
      recommender.addItems([{ id, vector: vectorOf(model, 3) }], { exposure });
      const found = recommender.recommend({ history: ['item 3'] }, { k: 100 });
      return found.find((item) => item.id === id)?.score;
    };
    const { rowPtr, weights } = model.rows!;
    const strongest = Math.max(...weights.subarray(rowPtr[3], rowPtr[4]));
    expect(scoreOf('twin')).toBeCloseTo(strongest, 2);
    expect(scoreOf('loud', 2)).toBeCloseTo(2 * strongest, 2);
  });

  it('knows new people, and new clicks of known ones', async () => {
    const recommender = await open(factorModel());
    recommender.addInteractions([
      { user: 'new', item: 'item 8' },
      { user: 'new', item: 'item 3' },
      { user: 'new', item: 'item 4', liked: false },
    ]);
    expect(recommender.has('new')).toBe(true);
    const found = recommender.recommend('new', { k: 100 });
    expect(ids(found).filter((id) => ['item 8', 'item 3', 'item 4'].includes(id))).toEqual([]);
    const history = recommender.recommend({ history: ['item 3', 'item 8'] }, { k: 100, exclude: ['item 4'] });
    expect(found).toEqual(history);
    const { liked } = itemsOf(factorModel(), 2);
    const fresh = [0, 1, 2, 3, 4, 5, 6, 7].find((item) => !liked.includes(item) && item % 4 !== 0)!;
    recommender.addInteractions([{ user: 'user 2', item: `item ${fresh}` }]);
    const all = [...liked, fresh].map((item) => `item ${item}`);
    expect(ids(recommender.recommend('user 2', { seen: 'none' }))).toEqual(
      ids(recommender.recommend({ history: all }, { seen: 'none' })),
    );
    expect(recommender.model.itemDegrees[fresh]).toBe(
      factorModel().itemDegrees[fresh] + (fresh === 3 ? 2 : 1),
    );
  });

  it('hides items, removes them, and forgets people', async () => {
    const recommender = await open(factorModel());
    const best = ids(recommender.recommend('user 1', { k: 3 }));
    recommender.hide([best[0]]);
    expect(ids(recommender.recommend('user 1', { k: 2 }))).toEqual(best.slice(1));
    recommender.hide([best[0]], false);
    expect(ids(recommender.recommend('user 1', { k: 3 }))).toEqual(best);
    recommender.removeItems([best[1]]);
    expect([recommender.hasItem(best[1]), recommender.model.itemIds.includes(best[1])]).toEqual([
      false,
      false,
    ]);
    expect(ids(recommender.recommend('user 1', { k: 2 }))).toEqual([best[0], best[2]]);
    recommender.removeUser('user 1');
    expect(recommender.has('user 1')).toBe(false);
    expect(() => recommender.recommend('user 1')).toThrow(DataError);
    expect(new TextDecoder('latin1').decode(recommender.encode())).not.toContain('user 1');
  });

  it('is as it was when a change is refused', async () => {
    const model = withText(factorModel());
    const recommender = await open(model);
    const before = recommender.encode();
    const good = { id: 'fresh', vector: vectorOf(model, 1) };
    const cases: [ModelChange, new (...args: never[]) => Error, RegExp][] = [
      [
        { op: 'addItems', items: [good, { id: 'item 3', vector: good.vector }] },
        DataError,
        /no item has, received "item 3"/,
      ],
      [{ op: 'addItems', items: [good, good] }, DataError, /received "fresh"/],
      [
        { op: 'addItems', items: [good, { id: 'x', vector: [1, 2] }] },
        ShapeError,
        /24 numbers for "x", received 2/,
      ],
      [{ op: 'addItems', items: [good, { id: 'x' }] }, ShapeError, /received none/],
      [
        { op: 'addItems', items: [{ id: 'x', vector: good.vector.with(3, Number.NaN) }] },
        DataError,
        /NaN at 3/,
      ],
      [
        { op: 'addItems', items: [good, { ...good, id: 'x', attributes: { colour: 'red' } }] },
        OptionError,
        /columns that the model keeps/,
      ],
      [
        { op: 'addItems', items: [{ ...good, attributes: { price: 'dear' } }] },
        OptionError,
        /price to be a finite number/,
      ],
      [{ op: 'addItems', items: [good], exposure: -1 }, OptionError, /exposure/],
      [{ op: 'addItems', items: [{ ...good, id: '' }] }, OptionError, /an id/],
      [
        {
          op: 'addInteractions',
          rows: [
            { user: 'user 1', item: 'item 1' },
            { user: 'user 1', item: 'soap' },
          ],
        },
        DataError,
        /received "soap"/,
      ],
      [{ op: 'addInteractions', rows: [{ user: '', item: 'item 1' }] }, OptionError, /an id/],
      [{ op: 'removeItems', ids: ['item 1', 'soap'] }, DataError, /"soap"/],
      [{ op: 'removeUser', user: 'nobody' }, DataError, /"nobody"/],
      [{ op: 'explode' } as never, OptionError, /a change of the model/],
      [null as never, OptionError, /a change of the model/],
    ];
    for (const [change, kind, message] of cases) {
      expect(() => recommender.apply(change)).toThrow(kind);
      expect(() => recommender.apply(change)).toThrow(message);
    }
    expect(recommender.encode()).toEqual(before);
    const plain = await open(factorModel());
    expect(() => plain.addItems([good])).toThrow(/a model with text vectors/);
  });
});

describe('changes of another shape', () => {
  it('are refused by a typed error, and change nothing', async () => {
    const recommender = await open(withText(factorModel()));
    const before = recommender.encode();
    const wrong: unknown[] = [
      ...[undefined, 7, null, ['user 1'], {}].map((user) => ({ op: 'removeUser', user })),
      ...[undefined, 'no', 1].map((hidden) => ({ op: 'hideItems', ids: ['item 2'], hidden })),
      ...[null, 7, 'item 1', ['item 1'], undefined].flatMap((one) => [
        { op: 'addItems', items: [one] },
        { op: 'updateItems', items: [one] },
        { op: 'addInteractions', rows: [one] },
      ]),
      { op: 'addInteractions', rows: [{ user: 'user 1', item: 'item 5', liked: 'yes' }] },
      { op: 'addItems', items: [{ id: 'x' }] },
    ];
    for (const change of wrong)
      expect(() => recommender.apply(change as ModelChange), JSON.stringify(change)).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^ERR_LLMINIT_/) }),
      );
    expect(recommender.encode()).toEqual(before);
  });
});

describe('explanations', () => {
  it('sum to the score, exactly by the items of a history', async () => {
    for (const model of [factorModel(), rowModel(), blendModel()]) {
      const recommender = await open(model);
      for (const person of [
        'user 4',
        { history: ['item 3', 'item 20', 'item 31'] },
        { history: ['item 3', 'item 20'], weights: [1, 3] },
      ]) {
        for (const { id, score } of recommender.recommend(person, { k: 5 })) {
          const { shares, rest, ...found } = recommender.explain(person, id);
          expect(found.score).toBe(score);
          expect(shares.reduce((sum, { share }) => sum + share, rest)).toBeCloseTo(score, 4);
          if (typeof person !== 'string' || model.dim === 0) expect(Math.abs(rest)).toBeLessThan(1e-4);
          expect(shares.map(({ share }) => share)).toEqual(
            shares.map(({ share }) => share).sort((a, b) => b - a),
          );
          expect(found.sentence).toContain('Title');
        }
      }
    }
  });

  it('name the ways through the graph that carry the score, by others who like both items', async () => {
    for (const model of [factorModel(), { ...factorModel(), userFactors: null }, blendModel()]) {
      const recommender = await open(model);
      for (const person of ['user 1', { history: ['item 4', 'item 12', 'item 50'] }]) {
        const { score, graph, sentence } = recommender.explain(person, 'item 6', { paths: 2 });
        const { paths, others, rest, people } = graph!;
        const carried = paths.reduce((sum, { share }) => sum + share, 0);
        expect(carried + others.share + rest).toBeCloseTo(score, 5);
        expect(paths.length).toBe(2);
        expect(others.count).toBeGreaterThan(0);
        for (const { item, user, title } of paths) {
          const { liked } = itemsOf(model, Number(user.slice(5)));
          expect(liked).toEqual(expect.arrayContaining([6, Number(item.slice(5))]));
          expect([item, user]).not.toContain(person);
          expect(title).toBe(item.replace('item', 'Title'));
        }
        const all = recommender.explain(person, 'item 6', { paths: 1000 }).graph!;
        expect(all.paths.length).toBe(2 + others.count);
        expect(all.rest).toBe(rest);
        expect(new Set(all.paths.map(({ user }) => user)).size).toBe(people);
        expect(sentence).toMatch(new RegExp(`; ${people} others? who`));
      }
    }
  });

  it('share a path out by what a layer of the graph makes of the item: by hand', async () => {
    // Two items, three people: u likes a; v likes a and b; w likes b.
    const recommender = await open({
      ...{ userIds: ['u', 'v', 'w'], itemIds: ['a', 'b'], itemTitles: null, dim: 2, config: {}, metrics: {} },
      userFactors: Float32Array.of(1, 0, 1, 1, 0, 2),
      itemFactors: Float32Array.of(1, 0, 1, 3),
      itemDegrees: Int32Array.of(2, 2),
      seen: { rowPtr: Int32Array.of(0, 1, 3, 4), colIdx: Int32Array.of(0, 0, 1, 1) },
    });
    const { score, graph, sentence } = recommender.explain('u', 'b');
    // Σ z / √d of v and w is (1/√2, 1/√2 + 2); b lies along it by 1/√2 + 3 (1/√2 + 2) over its square.
    const h = Math.SQRT1_2;
    const along = (h + 3 * (h + 2)) / (h * h + (h + 2) ** 2);
    expect(score).toBe(1);
    expect(graph).toEqual({
      paths: [{ item: 'a', title: null, user: 'v', share: expect.closeTo(along * h, 6) }],
      others: { count: 0, share: 0 },
      rest: expect.closeTo(1 - along * h, 6),
      people: 1,
    });
    expect(sentence).toBe('b: because you like a; 1 other who shares your taste likes it, too');
  });

  it('know of changes, and of no paths where there are no factors or no people', async () => {
    const recommender = await open(factorModel());
    const before = recommender.explain('user 1', 'item 6').graph!.people;
    recommender.addInteractions([
      { user: 'new', item: 'item 6' },
      { user: 'new', item: 'item 3' },
    ]);
    expect(recommender.explain('user 1', 'item 6').graph!.people).toBe(before + 1);
    recommender.removeUser('new');
    expect(recommender.explain('user 1', 'item 6').graph!.people).toBe(before);
    expect((await open(rowModel())).explain('user 1', 'item 6').graph).toBeNull();
    const alone = await open({ ...factorModel(), userIds: [], userFactors: null, seen: null, liked: null });
    expect(alone.explain({ history: ['item 2'] }, 'item 6').graph).toBeNull();
    expect(() => recommender.explain('user 1', 'item 6', { paths: -1 })).toThrow(OptionError);
    expect(() => recommender.explain('user 1', 'item 6', { ways: 1 } as never)).toThrow(OptionError);
  });
});
