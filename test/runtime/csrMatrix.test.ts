import { beforeAll, describe, expect, it } from 'vitest';
import { spmm } from '../../src/kernels/spmm.ts';
import type { Csr as CsrArrays } from '../../src/runtime/csr.ts';
import { load, type Runtime } from '../../src/runtime/load.ts';
import type { Workspace } from '../../src/runtime/workspace.ts';
import { randomCsr, randomTable } from '../kernels/harness.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await load();
});

const ROWS = 2500;

function product(
  ws: Workspace,
  fill: (arrays: CsrArrays) => ReturnType<Workspace['csr']>,
  arrays: CsrArrays,
) {
  const { table } = randomTable(ws, ROWS, 8);
  const y = ws.matrix(ROWS, 8);
  spmm(ws, fill(arrays), table, y);
  return y.read();
}

describe('a sparse matrix with room', () => {
  const dense = randomCsr(ROWS, ROWS, (row) => row % 9);
  const sparse = randomCsr(ROWS, ROWS, (row) => row % 4, 1);
  const pattern = { ...sparse, values: null };

  it('holds one matrix after the other, larger and smaller, with and without values', () => {
    const ws = runtime.open();
    const room = ws.csrRoom(ROWS, ROWS, dense.colIdx.length);
    for (const arrays of [dense, sparse, pattern, dense, pattern]) {
      expect(product(ws, (a) => room.fill(a), arrays)).toEqual(product(ws, (a) => ws.csr(a), arrays));
    }
  });

  it('refuses a matrix that is larger than the room or of another size', () => {
    const ws = runtime.open();
    const room = ws.csrRoom(ROWS, ROWS, sparse.colIdx.length);
    expect(() => room.fill(dense)).toThrow(/at most \d+ entries, received 2500 × 2500 with \d+/);
    expect(() => room.fill(randomCsr(3, 3, () => 1))).toThrow(/expected 2500 × 2500/);
  });
});
