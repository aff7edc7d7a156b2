import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Csr, transpose } from '../../src/data/csr.ts';
import { Graph } from '../../src/data/graph.ts';
import { ShapeError } from '../../src/errors.ts';
import { loadGolden } from '../golden.ts';
import { anyInteractions, countsOf, fromPairs } from './samples.ts';

function dense(csr: Csr): number[][] {
  const rows = Array.from({ length: csr.rows }, () => new Array<number>(csr.cols).fill(0));
  for (let r = 0; r < csr.rows; r++) {
    for (let n = csr.rowPtr[r]; n < csr.rowPtr[r + 1]; n++) rows[r][csr.colIdx[n]] = csr.values![n];
  }
  return rows;
}

describe('Graph', () => {
  it('weighs an edge by the root of its degrees, rounded once from float64', () => {
    const graph = new Graph(
      fromPairs([
        ['a', 'x'],
        ['a', 'y'],
        ['a', 'z'],
        ['b', 'x'],
      ]),
    );
    expect([...graph.degrees]).toEqual([3, 1, 2, 1, 1]);
    expect(dense(graph.adjacency)[0]).toEqual([0, 0, Math.fround(1 / Math.sqrt(6)), ...third(), ...third()]);
    expect(dense(graph.adjacency)[2]).toEqual([
      Math.fround(1 / Math.sqrt(6)),
      Math.fround(1 / Math.sqrt(2)),
      0,
      0,
      0,
    ]);
  });

  it('leaves the row and the column of an isolated node empty', () => {
    const train = fromPairs([
      ['a', 'x'],
      ['b', 'y'],
      ['a', 'z'],
    ]).subset([0, 2]);
    const graph = new Graph(train);
    expect([...graph.degrees]).toEqual([2, 0, 1, 0, 1]);
    expect([...graph.adjacency.rowPtr]).toEqual([0, 2, 2, 3, 3, 4]);
    expect([...graph.adjacency.colIdx]).toEqual([2, 4, 0, 0]);
    expect([...graph.adjacency.values!]).toEqual(new Array(4).fill(Math.fround(Math.SQRT1_2)));
  });

  it('is symmetric, and a row of degree d has d entries', () => {
    fc.assert(
      fc.property(anyInteractions, (set) => {
        const graph = new Graph(set);
        const { norms, ...adjacency } = graph.adjacency;
        expect(transpose(adjacency)).toEqual(adjacency);
        expect([...norms]).toEqual(
          [...graph.degrees].map((d) => (d > 0 ? Math.fround(1 / Math.sqrt(d)) : 0)),
        );
        expect([...graph.degrees]).toEqual([
          ...countsOf(set.users, set.numUsers),
          ...countsOf(set.items, set.numItems),
        ]);
      }),
    );
  });

  it('is the same from a matrix, whose values do not count', () => {
    const set = fromPairs([
      ['a', 'x'],
      ['b', 'x'],
      ['b', 'y'],
    ]);
    const graph = new Graph(set);
    const weighted = { ...graph.interactions, values: Float32Array.of(3, 4, 5) };
    expect(new Graph(weighted)).toEqual(graph);
    expect(() => new Graph({ ...weighted, cols: 1 })).toThrow(ShapeError);
  });

  describe('against the independent implementation', () => {
    it('has the same normalised adjacency', () => {
      const { edges, numUsers, adjacency } = loadGolden();
      // Ids in index order, so that the numbering is the golden one.
      const rows = edges.map(([u, i]): [string, string] => [`u${u}`, `i${i}`]);
      const graph = new Graph(fromPairs(rows));
      const nodeOf = (id: string) => Number(id.slice(1)) + (id.startsWith('i') ? numUsers : 0);
      const nodes = [...fromPairs(rows).userIds, ...fromPairs(rows).itemIds].map(nodeOf);
      const ours = dense(graph.adjacency);
      let worst = 0;
      for (const [r, row] of ours.entries()) {
        for (const [c, value] of row.entries()) {
          worst = Math.max(worst, Math.abs(value - adjacency.data[nodes[r] * adjacency.cols + nodes[c]]));
        }
      }
      // The golden matrix adds RecBole's 1e-7 to every degree.
      expect(worst).toBeLessThan(1e-7);
    });
  });
});

function third(): [number] {
  return [Math.fround(1 / Math.sqrt(3))];
}
