import { beforeAll, expect, it } from 'vitest';
import { DataError } from '../../src/errors.ts';
import { load, type Runtime } from '../../src/runtime/load.ts';
import type { ModelData } from '../../src/serve/modelFile/data.ts';
import { decodeModel } from '../../src/serve/modelFile/decode.ts';
import { encodeModel } from '../../src/serve/modelFile/encode.ts';
import { Recommender } from '../../src/serve/recommender.ts';
import { blendModel, factorModel, rowModel } from './sampleModels.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await load();
});

/** Finite one by one, of either sign. */
const huge = (values: Float32Array) => values.map((_, n) => (n % 3 === 1 ? -3e38 : 3e38));
const withHuge = (model: ModelData): ModelData => ({
  ...model,
  itemFactors: huge(model.itemFactors),
  userFactors: model.userFactors && huge(model.userFactors),
  rows: model.rows && { ...model.rows, weights: model.rows.weights.map(() => 3e38) },
});

it.each([
  ['factors', factorModel()],
  ['rows', rowModel()],
  ['a blend', blendModel()],
])('scores of %s that f32 cannot hold are an error, not NaN or infinity in a list', (_, model) => {
  const file = encodeModel(withHuge(model));
  const recommender = new Recommender(decodeModel(file, 'huge'), runtime);
  const person = { history: ['item 1', 'item 2', 'item 3'] };
  const asked: (() => unknown)[] = [
    () => recommender.recommend('user 0', { k: 50, includeSeen: true }),
    () => recommender.recommend(person, { k: 50, includeSeen: true }),
    () => recommender.rank(person, recommender.model.itemIds),
    () => recommender.model.itemIds.map((id) => recommender.score(person, id)),
    () => recommender.model.itemIds.map((id) => recommender.explain(person, id)),
  ];
  for (const ask of asked) expect(ask).toThrow(DataError);
  for (const ask of asked)
    expect(ask).toThrow(/expected scores that f32 can hold, received (NaN|-?Infinity)/);
  recommender.close();
});
