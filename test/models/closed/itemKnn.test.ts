import { describe, expect, it } from 'vitest';
import { interactionsToCsr } from '../../../src/data/csr.ts';
import { Interactions } from '../../../src/data/interactions.ts';
import { OptionError } from '../../../src/errors.ts';
import { itemKnn } from '../../../src/models/closed/itemKnn.ts';
import { toDense } from '../../reference/graph.ts';
import { matmul, transposed } from '../../reference.ts';
import { plantedSplit } from '../planted.ts';

const { train } = plantedSplit();
const { numUsers, numItems } = train;
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
  ])('sums similarities of the history over %s neighbours of each item, shrink %s', (neighbours, shrink) => {
    const { items, dim, query } = itemKnn(train, { neighbours, shrink });
    expect(dim).toBe(numItems);
    const rows = Array.from({ length: numItems }, (_, i) => nearest(i, neighbours, shrink));
    for (let user = 0; user < numUsers; user++) {
      const history = query(user);
      for (let i = 0; i < numItems; i++) {
        let [found, expected] = [0, 0];
        for (let j = 0; j < numItems; j++) {
          found += history[j] * items[i * numItems + j];
          expected += r.data[user * numItems + j] * rows[i][j];
        }
        expect(found).toBeCloseTo(expected, 6);
      }
    }
  });

  it('keeps 100 neighbours without shrinkage by default', () => {
    // One user with 150 items: all similarities are 1 and each item keeps the first 100 others.
    const wide = Interactions.from(Array.from({ length: 150 }, (_, n) => ({ user: 'u', item: `i${n}` })));
    const { items } = itemKnn(wide);
    expect(items).toEqual(itemKnn(wide, { neighbours: 100, shrink: 0 }).items);
    for (const item of [0, 70, 149]) {
      const kept = [...items.subarray(item * 150, (item + 1) * 150).keys()].filter(
        (j) => items[item * 150 + j] > 0,
      );
      expect(kept).toEqual([...Array(150).keys()].filter((j) => j !== item).slice(0, 100));
    }
  });

  it('gives zeros to items without users and to users without items', () => {
    const part = train.subset(
      [...train.users.keys()].filter((p) => train.users[p] > 0 && train.items[p] > 0),
    );
    const { items, query } = itemKnn(part);
    expect(items.subarray(0, numItems).every((value) => value === 0)).toBe(true);
    for (let item = 0; item < numItems; item++) expect(items[item * numItems]).toBe(0);
    expect(query(0).every((value) => value === 0)).toBe(true);
    expect(query(1).some((value) => value !== 0)).toBe(true);
    expect(items.every(Number.isFinite)).toBe(true);
  });

  it('refuses options out of range', () => {
    for (const neighbours of [0, -1, 1.5, Number.NaN])
      expect(() => itemKnn(train, { neighbours })).toThrow(OptionError);
    for (const shrink of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => itemKnn(train, { shrink })).toThrow(OptionError);
    expect(() => itemKnn(train, { neighbours: 0 })).toThrow(/neighbours to be an integer ≥ 1, received 0/);
  });
});
