import { describe, expect, it } from 'vitest';
import { denseProduct } from '../../src/linalg/denseProduct.ts';
import { expectClose } from '../init/sample.ts';
import { builds, randomTable, randomValues } from '../kernels/harness.ts';
import { matmul, toMatrix, transposed } from '../reference.ts';

describe.each(builds)('denseProduct on the $name build', ({ open }) => {
  it.each([
    [1, 1, 1],
    [4, 8, 8],
    [5, 7, 3],
    [7, 13, 17],
    [33, 65, 12],
  ])('is x Bᵀ for %s × %s times … × %s', (rows, width, count) => {
    const workspace = open();
    const { table: x, exact } = randomTable(workspace, rows, width);
    const b = Float64Array.from(randomValues(width * count, 4));
    const mark = workspace.mark();
    const found = denseProduct(workspace, x, b, count);
    const expected = matmul(exact, transposed(toMatrix(b, count, width)));
    expect(found.length).toBe(rows * count);
    expectClose(found, expected, 4e-7 * width);
    expect(workspace.mark()).toBe(mark);
    expect(x.read()).toEqual(Float32Array.from(exact.data));
  });
});
