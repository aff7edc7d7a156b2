import { beforeAll, describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { decodeSafetensors } from '../../src/format/safetensors.ts';
import { load, type Runtime } from '../../src/runtime/load.ts';
import type { ModelData } from '../../src/serve/modelFile/data.ts';
import { decodeModel } from '../../src/serve/modelFile/decode.ts';
import { encodeModel } from '../../src/serve/modelFile/encode.ts';
import { type QuantizeOptions, quantizeModel } from '../../src/serve/quantizeModel.ts';
import { Recommender } from '../../src/serve/recommender.ts';
import { factorModel, rowModel, scoresOf, userRow } from './sampleModels.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await load();
});
const model = factorModel();

async function opened(
  options: QuantizeOptions,
): Promise<{ small: ModelData; recommender: Recommender; bytes: Uint8Array }> {
  const small = await quantizeModel(model, { runtime, ...options });
  const bytes = encodeModel(small);
  return { small, bytes, recommender: await Recommender.open(bytes, { runtime }) };
}

/** Share of the first ten that two lists have in common, over all users. */
function overlap(a: Recommender, b: Recommender): number {
  const shares = model.userIds.map((user) => {
    const [one, other] = [a, b].map((own) => own.recommend(user).map(({ id }) => id));
    return one.filter((id) => other.includes(id)).length / one.length;
  });
  return shares.reduce((sum, share) => sum + share) / shares.length;
}

describe('a model made smaller', () => {
  it('is written and read as it is, whatever of it is kept', async () => {
    for (const options of [
      { to: 'f16' },
      { to: 'int8' },
      { to: 'int8', rescore: 'f16' },
      { to: 'int8', rescore: 'f32', users: false },
    ] as const) {
      const { small, bytes, recommender } = await opened(options);
      expect(encodeModel(decodeModel(bytes, 'x'))).toEqual(bytes);
      // What is open gives the same file again.
      expect(recommender.encode()).toEqual(bytes);
      expect(small.userIds.length).toBe('users' in options ? 0 : model.userIds.length);
    }
  });

  it('scores as the numbers that it has kept', async () => {
    const { small, recommender } = await opened({ to: 'f16' });
    for (const user of [0, 4]) {
      const scores = scoresOf(small, userRow(small, user));
      for (const { id, score } of recommender.recommend(`user ${user}`))
        expect(score).toBe(scores[Number(id.slice(5))]);
    }
  });

  it('scores by codes alone within a rounding of scale · code', async () => {
    const { small, recommender } = await opened({ to: 'int8' });
    for (const user of [0, 4]) {
      const scores = scoresOf(small, userRow(small, user));
      for (const { id, score } of recommender.recommend(`user ${user}`)) {
        expect(score).toBeCloseTo(scores[Number(id.slice(5))], 5);
        expect(recommender.score(`user ${user}`, id)).toBe(score);
      }
    }
  });

  it('finds the lists of the rows that are kept beside codes, to the bit', async () => {
    const plain = new Recommender(model, runtime);
    const exact = (await opened({ to: 'int8', rescore: 'f32' })).recommender;
    const [half, coded] = [
      (await opened({ to: 'f16' })).recommender,
      (await opened({ to: 'int8', rescore: 'f16' })).recommender,
    ];
    for (const user of model.userIds) {
      expect(exact.recommend(user, { k: 15 })).toEqual(plain.recommend(user, { k: 15 }));
      expect(coded.recommend(user, { k: 15 })).toEqual(half.recommend(user, { k: 15 }));
    }
    for (const item of model.itemIds) {
      expect(exact.similarItems(item)).toEqual(plain.similarItems(item));
      expect(coded.similarItems(item)).toEqual(half.similarItems(item));
    }
  });

  it('gives nearly the same lists', async () => {
    const plain = new Recommender(model, runtime);
    expect(overlap(plain, (await opened({ to: 'f16' })).recommender)).toBeGreaterThan(0.98);
    expect(overlap(plain, (await opened({ to: 'int8' })).recommender)).toBeGreaterThan(0.95);
  });

  it('serves strangers without people', async () => {
    const { recommender, bytes } = await opened({ to: 'int8', users: false });
    const tensors = Object.keys(decodeSafetensors(bytes, 'x').tensors);
    expect(tensors.filter((name) => /^user_(codes|factors)|^seen/.test(name))).toEqual([]);
    expect(recommender.has('user 1')).toBe(false);
    expect(recommender.recommend({ history: ['item 4', 'item 9'] }).length).toBe(10);
  });

  it('leaves a model without factors as it is, but for people who are left out', async () => {
    const rows = rowModel();
    expect(await quantizeModel(rows, { to: 'int8', runtime })).toEqual(rows);
    const { userIds, rows: kept } = await quantizeModel(rows, { to: 'f16', users: false, runtime });
    expect(userIds).toEqual([]);
    expect(kept).toEqual(rows.rows);
  });

  it('is refused with what cannot be made smaller', async () => {
    const make = (data: ModelData, options: object) =>
      quantizeModel(data, { runtime, ...options } as QuantizeOptions);
    await expect(make(await quantizeModel(model, { to: 'f16', runtime }), { to: 'int8' })).rejects.toThrow(
      /made smaller/,
    );
    await expect(
      make({ ...model, itemFactors: model.itemFactors.with(3, 1e6) }, { to: 'f16' }),
    ).rejects.toThrow(/65504/);
    await expect(
      make({ ...model, itemFactors: model.itemFactors.map(() => 1e-30) }, { to: 'int8' }),
    ).rejects.toThrow(/row 0/);
    await expect(make(model, {})).rejects.toThrow(OptionError);
    await expect(make(model, { to: 'int4' })).rejects.toThrow(/f16 \| int8/);
    await expect(make(model, { to: 'f16', rescore: 'f32' })).rejects.toThrow(/nothing reads it/);
  });
});
