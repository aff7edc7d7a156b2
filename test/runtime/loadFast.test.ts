import { describe, expect, it } from 'vitest';
import { randomUniform } from '../../src/kernels/random.ts';
import { spmm } from '../../src/kernels/spmm.ts';
import { load } from '../../src/runtime/load.ts';
import { loadFast } from '../../src/runtime/loadFast.ts';
import { PURPOSE } from '../../src/runtime/random.ts';
import { randomCsr } from '../kernels/harness.ts';

describe('loadFast', () => {
  it('computes what load computes, but for rounding', async () => {
    const sparse = randomCsr(50, 50, (row) => row % 9);
    const products = [await load(), await loadFast()].map((runtime) => {
      const workspace = runtime.open();
      const [x, y] = [workspace.matrix(50, 24), workspace.matrix(50, 24)];
      randomUniform(workspace, x, -1, 1, 4, PURPOSE.synthetic, 0);
      spmm(workspace, workspace.csr(sparse), x, y, x);
      return y.read();
    });
    const largest = Math.max(...products[0].map((value, n) => Math.abs(value - products[1][n])));
    expect(largest).toBeLessThan(1e-5);
  });

  it('takes the build of load where the host cannot validate relaxed SIMD', async () => {
    const { validate } = WebAssembly;
    WebAssembly.validate = () => false;
    try {
      expect((await loadFast()).module).toBe((await load()).module);
    } finally {
      WebAssembly.validate = validate;
    }
  });

  it('keeps a memory limit in both cases', async () => {
    expect((await loadFast({ maxMemoryBytes: 12345 })).maxMemoryBytes).toBe(12345);
  });
});
