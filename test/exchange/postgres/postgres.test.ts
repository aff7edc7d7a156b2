import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { factorsFromCopy, isCopyDump } from '../../../src/exchange/postgres/copyDump.ts';
import {
  type LoadStep,
  loadScript,
  loadSteps,
  type PostgresOptions,
} from '../../../src/exchange/postgres/load.ts';
import { postgresQueries } from '../../../src/exchange/postgres/queries.ts';
import { load } from '../../../src/runtime/load.ts';
import type { ModelData } from '../../../src/serve/modelFile/data.ts';
import { Recommender } from '../../../src/serve/recommender.ts';
import { blendModel, factorModel, rowModel } from '../../serve/sampleModels.ts';

const OPTIONS: PostgresOptions = { schema: 'llminit', vectors: 'vector', index: false };
let database: PGlite;

beforeAll(async () => {
  database = await PGlite.create({ extensions: { vector } });
});
afterAll(() => database.close());

/** Runs the steps as a client does: the first error ends them, and the transaction. */
async function loadInto(steps: readonly LoadStep[]): Promise<void> {
  try {
    for (const step of steps) {
      if (typeof step === 'string') await database.exec(step);
      else {
        const blob = new Blob([...step.lines()]);
        await database.query(step.copy.replace('FROM STDIN', "FROM '/dev/blob'"), [], { blob });
      }
    }
  } catch (error) {
    await database.exec('ROLLBACK');
    throw error;
  }
}

interface Row {
  readonly id: string;
  readonly title: string | null;
  readonly score: number;
}

async function rows(
  model: ModelData,
  file: string,
  what: string | readonly string[],
  schema = 'llminit',
  k = 10,
) {
  const text = postgresQueries(model, schema)[file];
  return (await database.query<Row>(text, [what, k])).rows;
}

/** The same items with the same scores; those whose scores differ by rounding alone may change places. */
function expectAlike(received: readonly Row[], expected: readonly { id: string; score: number }[]): void {
  expect(received.length).toBe(expected.length);
  for (const [n, { id, score }] of expected.entries()) {
    expect(received[n].score).toBeCloseTo(score, 4);
    const isTied = expected.some((other) => other.id !== id && Math.abs(other.score - score) < 1e-5);
    if (!isTied) expect(received[n].id).toBe(id);
  }
}

const withScores = (): ModelData => {
  const model = rowModel();
  return { ...model, rows: null, itemScores: Float32Array.from(model.itemIds, (_, n) => (n * 7) % 61) };
};
const strangersOnly = (): ModelData => ({ ...factorModel(), userFactors: null });
const hiding = (): ModelData => ({
  ...factorModel(),
  hidden: Uint8Array.from({ length: 8 }, () => 0b10010001),
});

describe.each<[string, ModelData]>([
  ['factors', factorModel()],
  ['factors of items only', strangersOnly()],
  ['factors, some of them hidden', hiding()],
  ['pairs', rowModel()],
  ['a blend', blendModel()],
  ['a score an item', withScores()],
])('a model of %s in PostgreSQL', (_, model) => {
  let recommender: Recommender;
  beforeAll(async () => {
    recommender = new Recommender(model, await load());
    await loadInto(loadSteps(model, OPTIONS));
  });
  afterAll(() => recommender.close());

  it('has the list of ten of every user', async () => {
    for (const user of model.userIds) {
      const items = recommender.recommend(user, { k: 10 });
      expectAlike(await rows(model, 'user.sql', user), items);
    }
  });

  it('has the list of ten of strangers, by items of which some are unknown', async () => {
    for (const history of [
      ['item 3'],
      ['item 3', 'item 40', 'gone', 'item 3'],
      ['item 1', 'item 2', 'item 60'],
    ]) {
      const items = recommender.recommend({ history }, { k: 10 });
      expectAlike(await rows(model, 'history.sql', history), items);
    }
  });

  it('has the ten most similar items', async () => {
    // Where items have a score each, none is more similar than another.
    expect('similar.sql' in postgresQueries(model, 'llminit')).toBe(model.dim > 0 || !!model.rows);
    for (const item of model.dim > 0 || model.rows ? ['item 0', 'item 7', 'item 33'] : []) {
      const items = recommender.similarItems(item, { k: 10 });
      expectAlike(await rows(model, 'similar.sql', item), items);
    }
  });

  it('gives no row where nothing is known', async () => {
    expect(await rows(model, 'user.sql', 'nobody')).toEqual([]);
    expect(await rows(model, 'history.sql', ['gone'])).toEqual([]);
  });
});

describe('a model in PostgreSQL', () => {
  it('keeps odd ids, titles and columns, and answers to filters on them', async () => {
    const model = factorModel();
    const odd = ['a\tb', 'c\\d', 'e\nf', "g'h", 'i"j', '\\N', '{k}', '💡'];
    const tags = {
      type: 'tags',
      dictionary: odd,
      rowPtr: Int32Array.from({ length: 62 }, (_, n) => n),
      codes: Int32Array.from({ length: 61 }, (_, n) => n % 8),
    } as const;
    const attributes = { ...model.attributes, 'two "words"': tags };
    const itemIds = model.itemIds.map((id, n) => odd[n] ?? id);
    const changed: ModelData = { ...model, itemIds, itemTitles: itemIds, attributes };
    await loadInto(loadSteps(changed, { ...OPTIONS, schema: 'Odd "one"' }));
    const { rows: found } = await database.query<Record<string, unknown>>(
      'SELECT * FROM "Odd ""one""".items ORDER BY place',
    );
    expect(found.map(({ id }) => id)).toEqual(itemIds);
    expect(found[3]).toMatchObject({
      title: "g'h",
      category: 'Garden',
      price: 3,
      stock: true,
      'two "words"': ["g'h"],
    });
    expect(found[0]).toMatchObject({ category: null, price: null, stock: false });
    const text = postgresQueries(changed, 'Odd "one"')['history.sql'];
    for (const condition of [...text.matchAll(/-- (AND .*)/g)].map(([, sql]) => sql)) {
      const filtered = text.replace(`-- ${condition}`, condition);
      const result = await database.query<Row>(filtered, [['item 20'], 61]);
      const column = /"((?:[^"]|"")*)"/.exec(condition)![1].replaceAll('""', '"');
      expect(result.rows.length).toBeGreaterThan(0);
      expect(result.rows.length).toBeLessThan(60);
      const values = result.rows.map(({ id }) => found.find((row) => row.id === id)![column]);
      expect(new Set(values.map((value) => JSON.stringify(value))).size).toBeLessThan(25);
      expect(values).not.toContain(null);
    }
  });

  it('takes the place of an earlier one as a whole, and leaves it when a load is cut short', async () => {
    const model = factorModel();
    await loadInto(loadSteps(model, OPTIONS));
    const fewer = { ...model, itemScores: null, itemTitles: model.itemTitles!.map(() => 'new') };
    const steps = loadSteps(fewer, OPTIONS);
    const cut = steps.map((step) => {
      if (typeof step === 'string' || !step.copy.includes('.items')) return step;
      return {
        ...step,
        lines: function* () {
          yield* [...step.lines()].slice(0, 40);
        },
      };
    });
    const titles = async () =>
      (await database.query<Row>('SELECT DISTINCT title FROM llminit.items')).rows.length;
    await expect(loadInto(cut)).rejects.toThrow('expected 61 rows of items, received 40');
    expect(await titles()).toBe(61);
    await loadInto(steps);
    expect(await titles()).toBe(1);
    const left = await database.query("SELECT 1 FROM pg_namespace WHERE nspname = 'llminit_loading'");
    expect(left.rows).toEqual([]);
  });

  it.each(['vector', 'halfvec'] as const)(
    'ranks by an HNSW index of %s, and finds nine of ten items',
    async (vectors) => {
      const model = factorModel();
      const queries = postgresQueries(model, 'llminit');
      await loadInto(loadSteps(model, { ...OPTIONS, vectors, index: true }));
      await database.exec(
        'SET enable_seqscan = off; SET enable_sort = off; SET hnsw.iterative_scan = strict_order',
      );
      try {
        const plan = await database.query(
          `EXPLAIN ${queries['user.sql'].replaceAll('$1', "'user 1'").replaceAll('$2', '10')}`,
        );
        expect(JSON.stringify(plan.rows)).toContain('items_factors_ip');
        const recommender = new Recommender(model, await load());
        let found = 0;
        for (const user of model.userIds) {
          const ids = new Set((await rows(model, 'user.sql', user)).map(({ id }) => id));
          found += recommender.recommend(user, { k: 10 }).filter(({ id }) => ids.has(id)).length;
        }
        recommender.close();
        expect(found).toBeGreaterThanOrEqual(81);
      } finally {
        await database.exec('RESET ALL');
      }
    },
  );

  it('comes back from a dump, with ids that COPY escapes', async () => {
    const model = factorModel();
    const itemIds = model.itemIds.map((id, n) => ['a\tb', 'c\\d', 'e\nf', '\\N'][n] ?? id);
    for (const vectors of ['vector', 'halfvec'] as const) {
      await loadInto(loadSteps({ ...model, itemIds }, { ...OPTIONS, vectors }));
      const { blob } = await database.query(
        "COPY (SELECT id, factors FROM llminit.items ORDER BY place) TO '/dev/blob'",
      );
      const bytes = new Uint8Array(await blob!.arrayBuffer());
      expect(isCopyDump(bytes)).toBe(true);
      const back = factorsFromCopy(bytes, 'dump');
      expect(back.ids).toEqual(itemIds);
      const error = Math.max(...back.values.map((value, n) => Math.abs(value - model.itemFactors[n])));
      expect(error).toBeLessThanOrEqual(vectors === 'vector' ? 0 : 2 ** -12);
    }
  });

  it.each<[string, RegExp]>([
    ['a\t[1,2]\nb\t[1]\n', /dump:2: expected vectors of width 2, received 1/],
    ['a\t[1,2]\nb\n', /dump:2: expected an id and a vector, received "b"/],
    ['id\tfactors\na\t[1,2]\nb\t[1,', /dump:3: expected an id and a vector/],
  ])('is refused from a damaged dump: %j', (text, message) => {
    const bytes = new TextEncoder().encode(text);
    expect(isCopyDump(bytes)).toBe(true);
    expect(() => factorsFromCopy(bytes, 'dump')).toThrow(message);
  });

  it('is a script for psql with the rows in it', () => {
    const script = [...loadScript(loadSteps(factorModel(), OPTIONS))].join('');
    expect(script).toMatch(/^-- Loads a model .*\n\\set ON_ERROR_STOP on\nBEGIN;\n/);
    expect(script).toMatch(
      /COPY "llminit_loading"\.users \("place", "id", "factors"\) FROM STDIN;\n0\tuser 0\t\[.*\]\n/,
    );
    expect(script.match(/^\\\.$/gm)).toHaveLength(4);
    expect(script.endsWith('COMMIT;\n')).toBe(true);
  });

  it.each<[string, (model: ModelData) => ModelData, Partial<PostgresOptions>, RegExp]>([
    [
      'NUL in an id',
      (model) => ({ ...model, userIds: model.userIds.map((id) => `${id}\0`) }),
      {},
      /without the character NUL/,
    ],
    [
      'a column called factors',
      (model) => ({ ...model, attributes: { factors: model.attributes!.price } }),
      {},
      /one called "factors"/,
    ],
    [
      'a column with a long name',
      (model) => ({ ...model, attributes: { ['é'.repeat(32)]: model.attributes!.price } }),
      {},
      /at most 63 bytes/,
    ],
    [
      'a model of sequences',
      (model) => ({ ...model, sequence: { dim: 8 } as never }),
      {},
      /received one of sequences/,
    ],
    ['a schema of the system', (model) => model, { schema: 'pg_catalog' }, /does not begin with pg_/],
    [
      'wide factors',
      (model) => ({ ...model, dim: 2001 }),
      { index: true },
      /at most 2000 columns for an index of vector, received 2001/,
    ],
  ])('is refused before anything is written for %s', (_, change, options, message) => {
    const model = change(factorModel());
    expect(() => [...loadScript(loadSteps(model, { ...OPTIONS, ...options }))]).toThrow(message);
  });
});
