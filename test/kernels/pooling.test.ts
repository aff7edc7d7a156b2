import { describe, expect, it } from 'vitest';
import { poolMax } from '../../src/kernels/pooling.ts';
import { rowOf, zeros } from '../reference.ts';
import { builds, DEGREES, DIMS, kernelCase, ROWS, randomCsr, randomTable, sweep } from './harness.ts';

describe.each(builds)('poolMax on the $name build', ({ open }) => {
  it('takes the largest of each column over the neighbours, 0 where there are none', () => {
    sweep(open, DIMS, ROWS, (ws, dim, rows) => {
      const arrays = randomCsr(rows, 41, (r) => DEGREES[(r + dim) % DEGREES.length]);
      const a = ws.csr(arrays);
      // All negative, so that a maximum that starts from 0 shows.
      const x = randomTable(ws, 41, dim, 1, -2, -1);
      const [y] = kernelCase(ws, [() => ws.matrix(rows, dim)], ([y]) => poolMax(ws, a, x.table, y));
      const expected = zeros(rows, dim);
      for (let r = 0; r < rows; r++) {
        const neighbours = arrays.colIdx.subarray(arrays.rowPtr[r], arrays.rowPtr[r + 1]);
        const largest = (c: number) => Math.max(...Array.from(neighbours, (n) => rowOf(x.exact, n)[c]));
        if (neighbours.length > 0) rowOf(expected, r).set(Array.from({ length: dim }, (_, c) => largest(c)));
      }
      expect(Float64Array.from(y.read())).toEqual(expected.data);
    });
  });
});
