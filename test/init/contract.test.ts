import { describe, expect, it } from 'vitest';
import { Embeddings } from '../../src/embed/embeddings.ts';
import { isLlminitError } from '../../src/errors.ts';
import { initialize } from '../../src/init/initialize.ts';
import { INITIALIZE_OPTIONS, type InitializeOptions, optionsReadBy } from '../../src/init/options.ts';
import { INIT_STRATEGIES } from '../../src/init/strategies/index.ts';
import type { InitStrategy } from '../../src/init/strategy.ts';
import { loadThreads } from '../../src/runtime/loadThreads.ts';
import { fit } from '../../src/train/fit.ts';
import { randomValues } from '../kernels/harness.ts';
import { plantedSplit } from '../models/planted.ts';
import { embeddingsOf, ITEMS, norms, train, USERS, WIDTH } from './sample.ts';

const WITH_TEXT = INIT_STRATEGIES.filter(({ needsVectors }) => needsVectors);
const wide = embeddingsOf(Array.from({ length: ITEMS }, (_, item) => item));

/** With its default dim unless `options` give one. */
function run(strategy: InitStrategy, options: InitializeOptions = {}, embeddings: Embeddings | null = wide) {
  return initialize(train, strategy.needsVectors ? embeddings : null, { strategy, ...options });
}

async function codeOf(job: Promise<unknown>): Promise<string> {
  const error = await job.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!isLlminitError(error)) throw new Error(`expected an error of this package, received ${String(error)}`);
  return error.code;
}

/** Vectors of the items, the values of item n made by `row`. */
function vectorsOf(width: number, row: (item: number) => readonly number[]): Embeddings {
  const items = Array.from({ length: ITEMS }, (_, item) => item);
  return new Embeddings({
    ids: items.map((item) => `i${item}`),
    vectors: Float32Array.from(items.flatMap(row)),
    ...{ width, source: 'test' },
  });
}

describe.each(INIT_STRATEGIES.map((strategy) => [strategy.name, strategy] as const))(
  '%s',
  (name, strategy) => {
    it('fills finite tables of the right shape and says so', async () => {
      const dim = name === 'full' ? WIDTH : 5;
      const tables = await run(strategy, { dim });
      expect(tables).toMatchObject({ dim, strategy: name, reducedFrom: null, itemsWithoutEmbedding: [] });
      expect([tables.users.length, tables.items.length]).toEqual([USERS * dim, ITEMS * dim]);
      expect([...tables.users, ...tables.items].every(Number.isFinite)).toBe(true);
      expect(norms(tables.items, dim).every((norm) => norm > 0)).toBe(true);
    });

    it('gives the same bytes again, by its name and with two threads', async () => {
      const runtime = await loadThreads({ threads: 2 });
      const first = await run(strategy);
      const options = { strategy: name, runtime };
      const again = await initialize(train, strategy.needsVectors ? wide : null, options).finally(() =>
        runtime.close(),
      );
      expect([again.users, again.items, again.adapter]).toEqual([first.users, first.items, first.adapter]);
    });

    it('brings item rows to the mean norm asked for', async () => {
      const { items, dim } = await run(strategy, { scale: 2 });
      const sum = norms(items, dim).reduce((total, norm) => total + norm, 0);
      expect(sum / ITEMS).toBeCloseTo(2, 5);
    });

    it('has tables that fit takes', async () => {
      const split = plantedSplit();
      const { itemIds } = split.train;
      const embeddings = new Embeddings({
        ...{ ids: itemIds, width: WIDTH, source: 'test' },
        vectors: randomValues(itemIds.length * WIDTH, 3),
      });
      const tables = await initialize(split.train, strategy.needsVectors ? embeddings : null, { strategy });
      const { history, factors, adapter, parameters } = await fit(split, tables, {
        epochs: 10,
        batchSize: 32,
      });
      expect(history[9].loss).toBeLessThan(history[0].loss);
      expect(factors.dim).toBe(tables.dim);
      expect(adapter !== null).toBe(tables.adapter !== undefined);
      const frozen = tables.frozenColumns ?? 0;
      const kept = (rows: Float32Array) => rows.filter((__, at) => at % tables.dim < frozen);
      const before = Float32Array.from([...tables.users, ...tables.items]);
      expect(kept(parameters)).toEqual(kept(before));
    });

    it('refuses a dim that is no positive integer, and a misspelled option with the nearest name', async () => {
      for (const dim of [0, -1, 1.5, Number.NaN, '8' as never])
        expect(await codeOf(run(strategy, { dim }))).toBe('ERR_LLMINIT_OPTION');
      await expect(run(strategy, { scal: 1 } as never)).rejects.toThrow('received scal. Did you mean scale?');
    });

    it('refuses every option that only others read', async () => {
      const own = optionsReadBy(strategy);
      for (const [option, { readBy, default: value }] of Object.entries(INITIALIZE_OPTIONS)) {
        if (!readBy || Object.hasOwn(own, option)) continue;
        const job = run(strategy, { [option]: value ?? 1 });
        await expect(job, option).rejects.toThrow(`beside ${option}, received ${name}`);
      }
    });

    it('reads its own options: the default is what leaving it out means, and what is no value is refused', async () => {
      const plain = await run(strategy);
      for (const [option, { default: value }] of Object.entries(strategy.options)) {
        if (value !== undefined) expect(await run(strategy, { [option]: value }), option).toEqual(plain);
        expect(await codeOf(run(strategy, { [option]: {} as never })), option).toBe('ERR_LLMINIT_OPTION');
        expect(await codeOf(run(strategy, { [option]: Number.NaN as never })), option).toBe(
          'ERR_LLMINIT_OPTION',
        );
      }
    });

    it('is known by its synonyms', async () => {
      for (const synonym of strategy.synonyms ?? []) {
        const found = await initialize(train, wide, { strategy: synonym as 'var' });
        expect(found).toEqual(await run(strategy));
      }
    });
  },
);

describe.each(WITH_TEXT.map((strategy) => [strategy.name, strategy] as const))(
  '%s from vectors',
  (name, strategy) => {
    it('fits its default dim to what the vectors allow and says so; a dim beyond it that is given is refused', async () => {
      const narrow = vectorsOf(3, (item) => [Math.fround(Math.sin(item)), (item % 7) - 3, (item % 5) - 2]);
      const flat = vectorsOf(8, (item) => [item % 3, item % 5, item % 7, 0, 0, 0, 0, 1]);
      for (const [embeddings, most] of [
        [narrow, 3],
        [flat, name === 'projection' ? 128 : 8],
      ] as const) {
        const tables = await run(strategy, {}, embeddings);
        expect(tables.dim).toBeLessThanOrEqual(name === 'projection' ? 128 : most);
        expect(tables.reducedFrom).toBe(name === 'full' || name === 'projection' ? null : 128);
        expect(tables.items).toHaveLength(ITEMS * tables.dim);
        if (tables.reducedFrom === null) continue;
        expect(await run(strategy, { dim: tables.dim }, embeddings)).toEqual({
          ...tables,
          reducedFrom: null,
        });
        expect(await codeOf(run(strategy, { dim: tables.dim + 1 }, embeddings))).toBe('ERR_LLMINIT_OPTION');
      }
    });

    it('works for two items', async () => {
      const two = embeddingsOf([3, 8]);
      const { dim, itemsWithoutEmbedding } = await run(strategy, {}, two);
      expect(dim).toBeGreaterThanOrEqual(1);
      expect(itemsWithoutEmbedding).toHaveLength(ITEMS - 2);
    });

    it('gives items without a vector, or with one of zeros, a Xavier row and lists them', async () => {
      const zeros = vectorsOf(WIDTH, (item) =>
        Array.from({ length: WIDTH }, (_, k) => (item < 2 ? 0 : wide.vectors[item * WIDTH + k])),
      );
      const without = embeddingsOf(Array.from({ length: ITEMS - 2 }, (_, n) => n + 2));
      const [found, missing] = [await run(strategy, {}, zeros), await run(strategy, {}, without)];
      expect(found.itemsWithoutEmbedding).toEqual([0, 1]);
      expect(found).toEqual(missing);
      const { dim } = found;
      const bound = Math.sqrt(6 / (ITEMS + dim));
      const rows = found.items.subarray(0, 2 * dim);
      expect(rows.some((value) => value !== 0)).toBe(true);
      expect(rows.every((value) => Math.abs(value) <= bound)).toBe(true);
    });

    it('refuses vectors of zeros only, vectors of other ids, no vectors, and what is none', async () => {
      const zeros = vectorsOf(2, () => [0, 0]);
      const others = new Embeddings({ ids: ['a'], width: 1, vectors: Float32Array.of(1), source: 'test' });
      expect(await codeOf(run(strategy, {}, zeros))).toBe('ERR_LLMINIT_DATA');
      expect(await codeOf(run(strategy, {}, others))).toBe('ERR_LLMINIT_DATA');
      await expect(run(strategy, {}, null)).rejects.toThrow(`${name} needs embeddings, received none`);
      await expect(run(strategy, {}, new Float32Array(3) as never)).rejects.toThrow(
        /expected embeddings, received a/,
      );
    });
  },
);

describe('a strategy of the caller', () => {
  const own: InitStrategy = {
    name: 'first-columns',
    needsVectors: true,
    options: {},
    rows: ({ vectors, width, dim, exact, present }) => {
      const kept = exact ? dim : Math.min(dim, width);
      const rows = Float32Array.from({ length: present.length * kept }, (_, at) => {
        return vectors[Math.floor(at / kept) * width + (at % kept)];
      });
      return { rows, dim: kept };
    },
  };

  it('is passed as an object, and gets scale, Xavier rows and pooling like all others', async () => {
    const tables = await initialize(train, wide, { strategy: own, dim: 4, scale: 1, normalize: false });
    expect(tables).toMatchObject({ strategy: 'first-columns', dim: 4, columns: null, varianceKept: null });
    const ratio = tables.items[1] / tables.items[0];
    expect(ratio).toBeCloseTo(wide.vectors[1] / wide.vectors[0], 4);
    expect(await initialize(train, wide, { strategy: own })).toMatchObject({ dim: WIDTH, reducedFrom: 128 });
  });

  it.each<[string, InitStrategy['rows'], string]>([
    ['too few rows', () => ({ rows: new Float32Array(4), dim: 4 }), 'ERR_LLMINIT_SHAPE'],
    ['another dim', () => ({ rows: new Float32Array(ITEMS * 3), dim: 3 }), 'ERR_LLMINIT_SHAPE'],
    ['a plain array', () => ({ rows: [1] as never, dim: 4 }), 'ERR_LLMINIT_SHAPE'],
    ['nothing', () => undefined as never, 'ERR_LLMINIT_SHAPE'],
    ['NaN', () => ({ rows: new Float32Array(ITEMS * 4).fill(Number.NaN), dim: 4 }), 'ERR_LLMINIT_DATA'],
  ])('that returns %s is refused', async (_, rows, code) => {
    expect(await codeOf(initialize(train, wide, { strategy: { ...own, rows }, dim: 4 }))).toBe(code);
  });

  it('needs a name, rows and options', async () => {
    for (const strategy of [{}, { name: 'a' }, { ...own, rows: 3 }, 3])
      expect(await codeOf(initialize(train, wide, { strategy: strategy as never }))).toBe(
        'ERR_LLMINIT_OPTION',
      );
  });
});
