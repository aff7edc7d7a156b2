import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import debugBytes from '../../build/testing.debug.wasm';
import simdBytes from '../../build/testing.simd.wasm';
import type { KernelExports } from '../../src/runtime/kernelExports.ts';
import { PURPOSE, Random } from '../../src/runtime/random.ts';
import { Workspace } from '../../src/runtime/workspace.ts';
import { guarded, writesOnly } from './harness.ts';

interface Functions {
  multiply_rows_i16(...pointersAndColumns: number[]): number;
}

/** The function on rows of assembly/testing.ts beside the kernels, for each build. */
const builds = [
  { name: 'simd', bytes: simdBytes },
  { name: 'debug', bytes: debugBytes },
].map(({ name, bytes }) => {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const functions = exports as unknown as KernelExports & Functions;
  return { name, ws: new Workspace(functions, 2 ** 30), multiply: functions.multiply_rows_i16 };
});

/** The tile that holds the results of a user and an item, as assembly/strassen.ts numbers them. */
function tileOf(user: number, item: number): number {
  return [1, 4, 6, 7][2 * (user >> 2) + (item >> 3)];
}

describe.each(builds)('products in blocks on the $name build', ({ ws, multiply }) => {
  /** Sums and flags of 8 users and 16 items with random numbers up to `most`, and what they should be. */
  function product(columns: number, most: number, seed: number) {
    const random = new Random(seed, PURPOSE.synthetic, 1);
    const mark = ws.mark();
    const words = ws.i32(12 * columns);
    const rows = new Int16Array(words.view.buffer, words.ptr, 24 * columns);
    rows.set(rows.map(() => random.below(2 * most + 1) - most));
    const plus = ws.i32From(Array.from({ length: 16 }, () => random.below(2_000_000) - 1_000_000));
    const sums = Array.from({ length: 128 }, (_, n) => {
      const [user, item] = [n >> 4, n & 15];
      let sum = plus.view[item];
      for (let c = 0; c < columns; c++) sum += rows[user * columns + c] * rows[(8 + item) * columns + c];
      return sum;
    });
    // Every second user is surpassed by the largest sum alone, the others by none.
    const limits = ws.i32From(
      Array.from({ length: 8 }, (_, user) => Math.max(...sums.slice(16 * user, 16 * user + 16)) - (user & 1)),
    );
    const operands = guarded(ws, () => ws.i32(21 * columns));
    const tiles = guarded(ws, () => ws.i32(256));
    let flags = 0;
    writesOnly(ws, [operands, tiles], () => {
      const items = words.ptr + 16 * columns;
      flags = multiply(words.ptr, items, columns, operands.ptr, plus.ptr, limits.ptr, tiles.ptr);
    });
    const received = sums.map((_, n) => {
      const [user, item] = [n >> 4, n & 15];
      return tiles.view[32 * tileOf(user, item) + 8 * (user & 3) + (item & 7)];
    });
    let surpassing = 0;
    sums.forEach((sum, n) => {
      if (sum > limits.view[n >> 4]) surpassing |= 1 << tileOf(n >> 4, n & 15);
    });
    ws.release(mark);
    return { sums, received, flags, surpassing };
  }

  it('are the sums of products, to the last digit, and flag the blocks with one above its limit', () => {
    const job = fc.record({
      columns: fc.integer({ min: 1, max: 10 }).map((n) => 16 * n),
      most: fc.constantFrom(1, 100, 3000),
      seed: fc.nat(1e6),
    });
    fc.assert(
      fc.property(job, ({ columns, most, seed }) => {
        const { sums, received, flags, surpassing } = product(columns, most, seed);
        expect(received).toEqual(sums);
        expect(flags).toBe(surpassing);
      }),
      { numRuns: 200, seed: 3 },
    );
  });

  it('take numbers as large as a row may hold', () => {
    const { sums, received } = product(16, 8000, 5);
    expect(received).toEqual(sums);
  });
});
