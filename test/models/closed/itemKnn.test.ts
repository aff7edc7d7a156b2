import { describe, expect, it } from 'vitest';
import { interactionsToCsr } from '../../../src/data/csr.ts';
import { Interactions } from '../../../src/data/interactions.ts';
import { OptionError } from '../../../src/errors.ts';
import { itemKnn } from '../../../src/models/closed/itemKnn.ts';
import { toDense } from '../../reference/graph.ts';
import { matmul, transposed } from '../../reference.ts';
import { plantedSplit } from '../planted.ts';
import { denseRows } from './denseRows.ts';

const { train } = plantedSplit();
const { numItems } = train;
const csr = interactionsToCsr(train);
const r = toDense({ ...csr, values: new Float64Array(csr.colIdx.length).fill(1) });
const common = matmul(transposed(r), r).data;

/** sim(i, j) with plain loops over the common users; 0 for i = j. */
function similarity(i: number, j: number, shrink: number): number {
  if (i === j) return 0;
  return (
    common[i * numItems + j] / (Math.sqrt(common[i * (numItems + 1)] * common[j * (numItems + 1)]) + shrink)
  );
}

/** Similarities to item i with all but the `neighbours` largest set to 0; of equal ones the first stay. */
function nearest(i: number, neighbours: number, shrink: number): number[] {
  const row = Array.from({ length: numItems }, (_, j) => Math.fround(similarity(i, j, shrink)));
  const kept = [...row.keys()].sort((a, b) => row[b] - row[a] || a - b).slice(0, neighbours);
  return row.map((value, j) => (kept.includes(j) ? value : 0));
}

describe('itemKnn', () => {
  it.each([
    [1, 0],
    [3, 0],
    [3, 2.5],
    [100, 0],
    [100, 10],
  ])(
    'has in row j its similarity to the items that have it among their %s neighbours, shrink %s',
    async (neighbours, shrink) => {
      const found = denseRows((await itemKnn(train, { neighbours, shrink })).rows);
      for (let i = 0; i < numItems; i++) {
        const expected = nearest(i, neighbours, shrink);
        for (let j = 0; j < numItems; j++) expect(found[j * numItems + i]).toBeCloseTo(expected[j], 6);
      }
    },
  );

  it('keeps 100 neighbours without shrinkage by default', async () => {
    // One user with 150 items: all similarities are 1 and each item keeps the first 100 others.
    const wide = Interactions.from(Array.from({ length: 150 }, (_, n) => ({ user: 'u', item: `i${n}` })));
    const { rows } = await itemKnn(wide);
    expect(rows).toEqual((await itemKnn(wide, { neighbours: 100, shrink: 0 })).rows);
    const found = denseRows(rows);
    for (const item of [0, 70, 149]) {
      const kept = [...Array(150).keys()].filter((j) => found[j * 150 + item] > 0);
      expect(kept).toEqual([...Array(150).keys()].filter((j) => j !== item).slice(0, 100));
    }
  });

  it('leaves items without users out of all rows', async () => {
    const part = train.subset([...train.items.keys()].filter((p) => train.items[p] > 0));
    const { rows } = await itemKnn(part);
    expect(rows.rowPtr[1]).toBe(0);
    expect(rows.indices.includes(0)).toBe(false);
    expect(rows.weights.every((weight) => weight > 0)).toBe(true);
  });

  it('refuses options out of range', async () => {
    for (const neighbours of [0, -1, 1.5, Number.NaN])
      await expect(itemKnn(train, { neighbours })).rejects.toThrow(OptionError);
    for (const shrink of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      await expect(itemKnn(train, { shrink })).rejects.toThrow(OptionError);
    await expect(itemKnn(train, { neighbours: 0 })).rejects.toThrow(
      /neighbours to be an integer ≥ 1, received 0/,
    );
  });
});
