import { describe, expect, it } from 'vitest';
import { Graph } from '../../src/data/graph.ts';
import { OptionError, ShapeError } from '../../src/errors.ts';
import { propagateTables } from '../../src/models/untrained.ts';
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
    await expect(propagateTables(train, tables, { layers: -1 })).rejects.toThrow(OptionError);
  });
});
