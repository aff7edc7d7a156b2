import { describe, expect, it } from 'vitest';
import { Graph } from '../../src/data/graph.ts';
import { BudgetError, OptionError, ShapeError } from '../../src/errors.ts';
import { propagateTables } from '../../src/models/propagateTables.ts';
import { load } from '../../src/runtime/load.ts';
import { loadThreads } from '../../src/runtime/loadThreads.ts';
import { randomValues } from '../kernels/harness.ts';
import { propagate, toMatrix } from '../reference.ts';
import { plantedSplit } from './planted.ts';

const { train } = plantedSplit();
const dim = 6;
const values = randomValues((train.numUsers + train.numItems) * dim, 3);
const tables = {
  users: values.subarray(0, train.numUsers * dim),
  items: values.subarray(train.numUsers * dim),
  dim,
};

describe('propagateTables', () => {
  it.each([0, 1, 2, 3])('is the mean of layers 0 … %s, as the reference has it', async (layers) => {
    const { adjacency } = new Graph(train);
    const exact = propagate(
      toMatrix(values, train.numUsers + train.numItems, dim),
      { ...adjacency, values: Float64Array.from(adjacency.values!) },
      layers,
    );
    const { users, items } = await propagateTables(train, tables, { layers });
    [...users, ...items].forEach((value, n) => {
      expect(value).toBeCloseTo(exact.data[n], 5);
    });
  });

  it('refuses tables of another shape and layers that are none', async () => {
    await expect(propagateTables(train, { ...tables, dim: 5 })).rejects.toThrow(ShapeError);
    const { users, items } = tables;
    for (const changed of [{ users: users.subarray(dim) }, { items: items.subarray(dim) }])
      await expect(propagateTables(train, { ...tables, ...changed })).rejects.toThrow(ShapeError);
    for (const layers of [-1, 1.5, Number.NaN])
      await expect(propagateTables(train, tables, { layers })).rejects.toThrow(OptionError);
  });

  it('refuses a dim that is no integer ≥ 1, also where it times the rows is the length', async () => {
    for (const odd of [0, 2.5]) {
      const [users, items] = [train.numUsers, train.numItems].map((rows) => new Float32Array(rows * odd));
      await expect(propagateTables(train, { users, items, dim: odd })).rejects.toThrow(
        `rows of ${odd}, received`,
      );
    }
  });

  it('takes 2 layers by default and leaves the tables as they were', async () => {
    const before = values.slice();
    const found = await propagateTables(train, tables);
    expect(found).toEqual(await propagateTables(train, tables, { layers: 2 }));
    expect(values).toEqual(before);
    expect(found.users).not.toEqual(tables.users);
  });

  it('gives the rows back for 0 layers, and 1/(layers + 1) of those without neighbours', async () => {
    expect(await propagateTables(train, tables, { layers: 0 })).toEqual(tables);
    const alone = train.subset([...train.users.keys()].filter((p) => train.users[p] !== 3));
    const { users } = await propagateTables(alone, tables, { layers: 3 });
    for (let k = 3 * dim; k < 4 * dim; k++) expect(users[k]).toBeCloseTo(tables.users[k] / 4, 7);
  });

  it('gives the same bytes again, and with two threads', async () => {
    const runtime = await loadThreads({ threads: 2, onFallback: () => {} });
    const first = await propagateTables(train, tables);
    expect(await propagateTables(train, tables)).toEqual(first);
    expect(await propagateTables(train, tables, { runtime })).toEqual(first);
  });

  it.each([0, 1, 3])('counts its bytes before it takes them, %s layers', async (layers) => {
    const small = await load({ maxMemoryBytes: 1000 });
    const refused = propagateTables(train, tables, { layers, runtime: small });
    await expect(refused).rejects.toThrow(BudgetError);
    await expect(refused).rejects.toThrow(/propagateTables/);
  });
});
