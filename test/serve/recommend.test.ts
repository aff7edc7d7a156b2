import { beforeAll, describe, expect, it } from 'vitest';
import { DataError, OptionError } from '../../src/errors.ts';
import { load, type Runtime } from '../../src/runtime/load.ts';
import type { ModelData } from '../../src/serve/modelFile/data.ts';
import { Recommender } from '../../src/serve/recommender.ts';
import type { RecommendOptions } from '../../src/serve/recommendOptions.ts';
import {
  blendModel,
  factorModel,
  itemsOf,
  NUM_ITEMS,
  NUM_USERS,
  rowModel,
  scoresOf,
  sorted,
  userRow,
} from './sampleModels.ts';

let runtime: Runtime;
let recommender: Recommender;
const model = factorModel();
beforeAll(async () => {
  runtime = await load();
  recommender = new Recommender(model, runtime);
});

const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id);
const recommend = (options: RecommendOptions, user = 'user 3') => ids(recommender.recommend(user, options));
/** All items for user 3 that she does not have and that pass, best first. */
const expected = (passes: (item: number) => boolean = () => true) =>
  sorted(scoresOf(model, userRow(model, 3)), (item) => !itemsOf(model, 3).had.includes(item) && passes(item));
const category = (item: number) => ['Books', 'Toys', 'Garden'][(item % 4) - 1] ?? null;

describe('which items come back', () => {
  it('are those that meet an expression, k of them while k are left', () => {
    expect(recommend({ where: { category: 'Books' }, k: 5 })).toEqual(
      expected((item) => category(item) === 'Books').slice(0, 5),
    );
    expect(recommend({ where: 'price < 20 and stock = true', k: 50 })).toEqual(
      expected((item) => item < 20 && item % 7 !== 0 && item % 2 === 1),
    );
    expect(
      recommend({
        where: { category: 'Books' },
        exclude: ['item 1', 'item 5'],
        only: ['item 1', 'item 9', 'item 13', 'item 2'],
      }),
    ).toEqual(expected((item) => item === 9 || item === 13));
  });

  it('are said to be short of k where no more are left', async () => {
    const scarce = { where: { category: 'Books' }, only: ['item 1', 'item 5', 'item 9'], k: 4 };
    const all = [
      recommender.recommend('user 3', scarce),
      recommender.recommend('nobody', { ...scarce, fallback: 'popular' }),
      recommender.similarItems('item 2', scarce),
      recommender.popularItems(scarce),
    ];
    for await (const { items } of recommender.recommendMany(['user 3', 'user 4'], scarce)) all.push(items);
    for (const found of all) expect([found.length < 4, found.isShort]).toEqual([true, true]);
    expect(recommender.recommend('user 3', { k: 4 }).isShort).toBe(false);
    expect(recommender.recommend('user 3', { k: NUM_ITEMS }).isShort).toBe(true);
  });

  it('never break a filter, whatever is asked together', () => {
    for (let user = 0; user < NUM_USERS; user++) {
      const found = recommend(
        { where: { or: [{ category: 'Toys' }, { price: { gte: 40 } }] }, k: NUM_ITEMS },
        `user ${user}`,
      );
      const { had } = itemsOf(model, user);
      const allowed = sorted(scoresOf(model, userRow(model, user)), (item) => {
        return !had.includes(item) && (category(item) === 'Toys' || (item >= 40 && item % 7 !== 0));
      });
      expect(found).toEqual(allowed);
    }
  });

  it('are looked up once in a set of items', () => {
    const set = recommender.itemSet(['item 7', 'item 1', 'soap', 'item 7', 'item 11']);
    expect([set.size, set.unknown]).toEqual([3, ['soap']]);
    expect(recommend({ only: set })).toEqual(recommend({ only: ['item 7', 'item 1', 'item 11'] }));
    expect(recommend({ exclude: set, k: 60 })).toEqual(
      recommend({ exclude: ['item 7', 'item 1', 'item 11'], k: 60 }),
    );
    expect(() => new Recommender(model, runtime).recommend('user 1', { only: set })).toThrow(
      /set of items of this recommender/,
    );
  });

  it('take ids that the model does not have for nothing to leave out or let in', () => {
    expect(recommend({ exclude: ['soap'] })).toEqual(recommend({}));
    expect(recommend({ only: ['soap', 'item 7'] })).toEqual(['item 7']);
    expect(recommend({ only: [] })).toEqual([]);
  });

  it('leave out all that was met, what is liked, or nothing', () => {
    const { had, liked } = itemsOf(model, 3);
    const all = sorted(scoresOf(model, userRow(model, 3)));
    expect(recommend({ k: 100 })).toEqual(all.filter((id) => !had.includes(Number(id.slice(5)))));
    expect(recommend({ seen: 'liked', k: 100 })).toEqual(
      all.filter((id) => !liked.includes(Number(id.slice(5)))),
    );
    expect(recommend({ seen: 'none', k: 100 })).toEqual(all);
    expect(recommend({ includeSeen: true, k: 100 })).toEqual(all);
    expect(liked.length).toBeLessThan(had.length);
  });

  it('come in pages that follow each other', () => {
    const whole = recommend({ k: 30 });
    expect([0, 10, 20].flatMap((offset) => recommend({ k: 10, offset }))).toEqual(whole);
    expect(recommend({ k: 10, offset: 1000 })).toEqual([]);
  });

  it('have a score of at least minScore', () => {
    const all = recommender.recommend('user 3', { k: 100 });
    const minScore = all[6].score;
    expect(recommend({ k: 100, minScore })).toEqual(ids(all.slice(0, 7)));
    expect(recommend({ minScore: 1e9 })).toEqual([]);
  });

  it('are at most so many a group, items without a value in none', () => {
    for (const max of [1, 2, 5]) {
      const counts = new Map<string, number>();
      const wanted = expected().filter((id) => {
        const group = category(Number(id.slice(5)));
        if (group === null) return true;
        counts.set(group, (counts.get(group) ?? 0) + 1);
        return counts.get(group)! <= max;
      });
      expect(recommend({ maxPerGroup: { by: 'category', max }, k: 100 })).toEqual(wanted);
      expect(recommend({ maxPerGroup: { by: 'category', max }, k: 4, offset: 2 })).toEqual(
        wanted.slice(2, 6),
      );
    }
  });

  it('rise by standard deviations of the scores', () => {
    const scores = scoresOf(model, userRow(model, 3));
    const mean = scores.reduce((a, b) => a + b) / scores.length;
    const sd = Math.sqrt(scores.reduce((a, b) => a + (b - mean) ** 2, 0) / scores.length);
    const raised = scores.map(
      (score, item) => score + (category(item) === 'Toys' ? 2 * sd : 0) - (item % 2 ? sd : 0),
    );
    const boost = [
      { where: { category: 'Toys' }, by: 2 },
      { where: 'stock = true', by: -1 },
    ];
    const { had } = itemsOf(model, 3);
    expect(recommend({ boost, k: 20 })).toEqual(sorted(raised, (item) => !had.includes(item)).slice(0, 20));
  });
});

describe('people', () => {
  it('are known or not', () => {
    expect([recommender.has('user 1'), recommender.has('nobody')]).toEqual([true, false]);
    expect([recommender.hasItem('item 1'), recommender.hasItem('soap')]).toEqual([true, false]);
  });

  it('of whom nothing is known get popular items when that is asked for', () => {
    const popular = ids(recommender.popularItems({ k: 7 }));
    for (const person of ['nobody', { history: [] }, { history: ['soap'] }]) {
      const found = recommender.recommend(person, { k: 7, fallback: 'popular' });
      expect([ids(found), found.basis]).toEqual([popular, 'popular']);
      expect(() => recommender.recommend(person, { k: 7 })).toThrow(DataError);
      expect(() => recommender.recommend(person, { k: 7 })).toThrow(/fallback: 'popular'/);
    }
    expect(
      ids(recommender.recommend('nobody', { fallback: 'popular', where: { category: 'Toys' } })),
    ).toEqual(ids(recommender.popularItems({ where: { category: 'Toys' } })));
  });

  it('with a history are told which of its items the model does not have', () => {
    const found = recommender.recommend({ history: ['item 4', 'soap', 'item 9', 'ink'] });
    expect(found.unknownItems).toEqual(['soap', 'ink']);
    expect(found.basis).toBe('history');
    expect(found).toEqual(recommender.recommendFor(['item 9', 'item 4']));
    expect(Object.keys(found)).toEqual(ids(found).map((_, n) => `${n}`));
  });

  it('weigh their history: signs and sizes count, and so does age by half-lives', () => {
    const weighted = (weights: Record<number, number>) => {
      const sum = new Float64Array(model.dim);
      let total = 0;
      for (const [item, weight] of Object.entries(weights)) {
        total += Math.abs(weight);
        for (let c = 0; c < model.dim; c++)
          sum[c] += weight * model.itemFactors[Number(item) * model.dim + c];
      }
      const row = Float32Array.from(sum, (value) => value / total);
      return sorted(scoresOf(model, row), (item) => !(item in weights)).slice(0, 20);
    };
    const history = ['item 3', 'item 20', 'item 31'];
    const found = (more: object) => ids(recommender.recommend({ history, ...more }, { k: 20 }));
    expect(found({ weights: [1, 5, -2] })).toEqual(weighted({ 3: 1, 20: 5, 31: -2 }));
    expect(found({ times: [100, 130, 110], halfLife: 10 })).toEqual(weighted({ 3: 1 / 8, 20: 1, 31: 1 / 4 }));
    expect(found({ weights: [2, 2, 2], times: [7, 7, 7], halfLife: 3 })).toEqual(found({}));
    expect(
      ids(recommender.recommend({ history: ['item 3', 'item 20', 'item 3'], weights: [1, 4, 2] }, { k: 20 })),
    ).toEqual(weighted({ 3: 3, 20: 4 }));
  });

  it('rank a given list, what they have and unknown to no filter', () => {
    const list = ['item 0', 'item 5', 'item 10', 'item 17'];
    const scores = scoresOf(model, userRow(model, 3));
    const ranked = recommender.rank('user 3', list);
    expect(ids(ranked)).toEqual(sorted(scores, (item) => list.includes(`item ${item}`)));
    for (const { id, score } of ranked) {
      expect(score).toBe(scores[Number(id.slice(5))]);
      expect(score).toBe(recommender.score('user 3', id));
    }
    expect(() => recommender.rank('user 3', ['soap'])).toThrow(/received "soap"/);
  });
});

describe('many people at once', () => {
  const people = [
    ...model.userIds,
    { history: ['item 3', 'item 8'] },
    { history: ['item 3', 'soap'], weights: [2, 1] },
  ];
  async function all(of: Recommender, list: Iterable<(typeof people)[number]>, options: RecommendOptions) {
    const found = [];
    for await (const { person, items } of of.recommendMany(list, options))
      found.push({ person, items, basis: items.basis });
    return found;
  }

  it('get what each gets alone', async () => {
    for (const make of [factorModel, rowModel, blendModel]) {
      const own = new Recommender(make(), runtime);
      const filters: RecommendOptions[] = [{}, { k: 3, offset: 2, minScore: 0 }, { exclude: ['item 5'] }];
      if (make !== rowModel)
        filters.push({ where: { category: 'Toys' } }, { maxPerGroup: { by: 'category', max: 1 } });
      for (const options of filters) {
        const alone = people.map((person) => {
          const items = own.recommend(person, options);
          return { person, items, basis: items.basis };
        });
        expect(await all(own, people, options)).toEqual(alone);
      }
    }
  });

  it('come in order from an async iterable, too, and stop where nothing is known of one', async () => {
    async function* list() {
      yield* ['user 1', 'nobody', 'user 2'];
    }
    const found: string[] = [];
    const run = async () => {
      for await (const { person } of recommender.recommendMany(list())) found.push(person as string);
    };
    await expect(run()).rejects.toThrow(/received "nobody"/);
    expect(found).toEqual(['user 1']);
    const bases = (await all(recommender, ['user 1', 'nobody', 'user 2'], { fallback: 'popular' })).map(
      ({ basis }) => basis,
    );
    expect(bases).toEqual(['user', 'popular', 'user']);
  });

  it('can be called off', async () => {
    const controller = new AbortController();
    controller.abort(new Error('enough'));
    const run = async () => {
      for await (const _ of recommender.recommendMany(model.userIds, { signal: controller.signal }));
    };
    await expect(run()).rejects.toThrow('enough');
    expect(() => recommender.recommendMany(model.userIds, { k: 0 })).toThrow(OptionError);
  });
});

describe('models of other kinds', () => {
  const rowScores = (data: ModelData, items: readonly number[]) => {
    const { rowPtr, indices, weights } = data.rows!;
    const scores = new Float32Array(NUM_ITEMS);
    for (const item of items) {
      for (let at = rowPtr[item]; at < rowPtr[item + 1]; at++) scores[indices[at]] += weights[at];
    }
    return scores;
  };

  it('sum the sparse rows of what a person likes, known or not', () => {
    const data = rowModel();
    const own = new Recommender(data, runtime);
    const { had, liked } = itemsOf(data, 4);
    const scores = rowScores(data, liked);
    expect(ids(own.recommend('user 4', { k: 20 }))).toEqual(
      sorted(scores, (item) => !had.includes(item)).slice(0, 20),
    );
    expect(own.score('user 4', 'item 33')).toBe(scores[33]);
    expect(
      ids(own.recommend({ history: liked.map((item) => `item ${item}`) }, { seen: 'none', k: 20 })),
    ).toEqual(sorted(scores).slice(0, 20));
    expect(ids(own.similarItems('item 20', { k: 3 }))).toEqual(['item 21', 'item 22', 'item 23']);
  });

  it('weigh sparse rows by a weighted history', () => {
    const own = new Recommender(rowModel(), runtime);
    const found = own.recommend({ history: ['item 10', 'item 30'], weights: [1, 3] }, { k: 2 });
    expect(found.map(({ id, score }) => [id, score])).toEqual([
      ['item 31', 3],
      ['item 32', 1.5],
    ]);
  });

  it('blend scores, each divided by its deviation', () => {
    const data = blendModel();
    const own = new Recommender(data, runtime);
    const { had, liked } = itemsOf(data, 5);
    const factor = (n: number) => Math.fround(data.blend![n].weight / data.blend![n].deviation);
    const row = userRow(data, 5).map((value) => Math.fround(factor(0) * value));
    const rows = rowScores(
      {
        ...data,
        rows: { ...data.rows!, weights: data.rows!.weights.map((w) => Math.fround(factor(1) * w)) },
      },
      liked,
    );
    const scores = scoresOf(data, row).map((score, item) => score + rows[item]);
    const found = own.recommend('user 5', { k: 30 });
    const wanted = sorted(scores, (item) => !had.includes(item)).slice(0, 30);
    expect(ids(found)).toEqual(wanted);
    for (const { id, score } of found) expect(score).toBeCloseTo(scores[Number(id.slice(5))], 6);
  });

  it('rank by one score an item', () => {
    const { attributes, ...rest } = factorModel();
    const itemScores = Float32Array.from({ length: NUM_ITEMS }, (_, item) => (item * 7) % 61);
    const data = { ...rest, dim: 0, userFactors: null, itemFactors: new Float32Array(0), itemScores };
    const own = new Recommender(data, runtime);
    expect(ids(own.recommend('user 2', { seen: 'none', k: 5 }))).toEqual(sorted(itemScores).slice(0, 5));
  });
});

describe('codes of 8 bits', () => {
  it('give the lists of the rows as they are, to the bit, for users, histories and similar items', async () => {
    const data = factorModel();
    const plain = await openAs('rows');
    for (const index of ['codes', 'auto'] as const) {
      const own = await openAs(index);
      for (let round = 0; round < 3; round++) {
        for (const user of data.userIds)
          expect(own.recommend(user, { k: 20 })).toEqual(plain.recommend(user, { k: 20 }));
        for (const item of data.itemIds)
          expect(own.similarItems(item, { k: 9 })).toEqual(plain.similarItems(item, { k: 9 }));
      }
    }
  });

  async function openAs(index: 'rows' | 'codes' | 'auto') {
    return Recommender.open(new Recommender(model, runtime).encode(), { index, runtime });
  }
});
