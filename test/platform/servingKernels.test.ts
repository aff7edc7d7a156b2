import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type * as Main from '../../src/index.ts';
import type * as Kernels from '../../src/kernels.ts';
import type * as Serving from '../../src/serve.ts';
import { blendModel, factorModel, rowModel } from '../serve/sampleModels.ts';

const dist = (name: string) => fileURLToPath(new URL(`../../dist/${name}`, import.meta.url));
const serving = (await import(dist('serve.js'))) as typeof Serving;
const kernels = (await import(dist('kernels.js'))) as typeof Kernels;
const main = (await import(dist('index.js'))) as typeof Main;

const namesOf = (file: string) =>
  WebAssembly.Module.exports(new WebAssembly.Module(readFileSync(dist(file)))).map(({ name }) => name);

/** Answers of all methods, and the bytes of the model after changes. */
async function answersOf(recommender: Main.Recommender) {
  const one = recommender.recommend('user 3', { k: 7, exclude: ['item 4'] });
  const many = [];
  for await (const { items } of recommender.recommendMany([
    'user 1',
    { history: ['item 9', 'item 2'] },
    'user 5',
  ]))
    many.push(items);
  const similar = recommender.similarItems(['item 2', 'item 8']);
  const rest = [recommender.popularItems(), recommender.rank('user 2', ['item 1', 'item 7'])];
  const explained = recommender.explain('user 4', one[0].id);
  recommender.addInteractions([{ user: 'new', item: 'item 3' }]);
  recommender.removeItems(['item 5']);
  return {
    one,
    many,
    similar,
    rest,
    explained,
    changed: recommender.recommend('new'),
    bytes: recommender.encode(),
  };
}

describe('the kernels of serving', () => {
  it('are some of all kernels, less than half of their bytes', () => {
    const [some, all] = [namesOf('serving.wasm'), namesOf('kernels.wasm')];
    expect(some.filter((name) => !all.includes(name))).toEqual([]);
    expect(some).toEqual(expect.arrayContaining(['memory', 'heap_base', 'scan_codes', 'find_string']));
    expect(some).not.toContain('spmm_csr_f32');
    expect(readFileSync(dist('serving.wasm')).length).toBeLessThan(
      readFileSync(dist('kernels.wasm')).length / 2,
    );
  });

  it('are all that the recommender asks for, of every kind of model', async () => {
    for (const model of [factorModel(), rowModel(), blendModel()]) {
      for (const to of model.dim > 0 ? (['f32', 'f16', 'int8'] as const) : (['f32'] as const)) {
        const data = to === 'f32' ? model : await serving.quantizeModel(model, { to });
        const bytes = serving.encodeModel(data);
        const full = await main.Recommender.open(bytes, { runtime: await main.load() });
        const own = await serving.Recommender.open(bytes);
        expect(await answersOf(own)).toEqual(await answersOf(full));
        own.close();
        full.close();
      }
    }
  });

  it('refuse what needs others, and name what is missing', async () => {
    const runtime = await serving.load();
    const csr = { rows: 1, cols: 1, rowPtr: Int32Array.of(0, 1), colIdx: Int32Array.of(0), values: null };
    expect(() => kernels.spmm(runtime, csr, Float32Array.of(1), 1)).toThrow(
      expect.objectContaining({
        code: 'ERR_LLMINIT_UNSUPPORTED',
        message: expect.stringContaining('without spmm_csr_f32'),
      }),
    );
  });
});
