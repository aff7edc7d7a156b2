import { describe, expect, it } from 'vitest';
import debugBytes from '../../build/testing.debug.wasm';
import simdBytes from '../../build/testing.simd.wasm';
import type { KernelExports } from '../../src/runtime/kernelExports.ts';
import { Workspace } from '../../src/runtime/workspace.ts';
import { kernelCase, ulps } from './harness.ts';

const NAMES = ['exp', 'log', 'pow2'] as const;
type Name = (typeof NAMES)[number];

type Functions = Record<`${Name}_f32`, (x: number, y: number, count: number) => void>;

/** The functions on arrays of assembly/testing.ts beside the kernels, for each build. */
const builds = [
  { name: 'simd', bytes: simdBytes },
  { name: 'debug', bytes: debugBytes },
].map(({ name, bytes }) => {
  const module = new WebAssembly.Module(bytes);
  return {
    name,
    open: () => {
      const exports = new WebAssembly.Instance(module).exports as unknown as KernelExports & Functions;
      return { ws: new Workspace(exports, 2 ** 30), functions: exports as Functions };
    },
  };
});

/** `count` numbers from `low` to `high`, both included, as f32. */
function sweep(low: number, high: number, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, n) => low + ((high - low) * n) / (count - 1));
}

/** Every exponent of a normal number with `mantissas` mantissas each. */
function normalNumbers(mantissas: number): Float32Array {
  const bits = new Uint32Array(254 * mantissas);
  const step = Math.floor(2 ** 23 / mantissas);
  for (let n = 0; n < bits.length; n++) {
    bits[n] = ((Math.floor(n / mantissas) + 1) << 23) | ((n % mantissas) * step);
  }
  return new Float32Array(bits.buffer);
}

describe.each(builds)('exp, log and powers of 2 on the $name build', ({ open }) => {
  function run(name: Name, inputs: ArrayLike<number>): Float32Array {
    const { ws, functions } = open();
    const x = ws.f32(inputs.length);
    x.view.set(inputs);
    const [y] = kernelCase(ws, [() => ws.f32(inputs.length)], ([y]) =>
      functions[`${name}_f32`](x.ptr, y.ptr, inputs.length),
    );
    return y.view.slice();
  }

  /** The largest error against float64, as a share of what `allowed` states for the exact value. */
  function worst(name: Name, inputs: Float32Array, error: (actual: number, exact: number) => number): number {
    const exact = { exp: Math.exp, log: Math.log, pow2: (x: number) => 2 ** x }[name];
    const outputs = run(name, inputs);
    let most = 0;
    for (let n = 0; n < inputs.length; n++) {
      const value = error(outputs[n], exact(inputs[n]));
      most = Math.max(most, Number.isNaN(value) ? Infinity : value);
    }
    return most;
  }

  it('gives exp within 2 ulp on [−87, 88]', () => {
    expect(worst('exp', sweep(-87, 88, 700_001), ulps)).toBeLessThanOrEqual(2);
    expect(worst('exp', sweep(-1, 1, 200_001), ulps)).toBeLessThanOrEqual(2);
  });

  it('gives exp finite and monotone at its ends', () => {
    const [zero, low, lowest, high, highest] = run('exp', [0, -1000, -Infinity, 1000, Infinity]);
    expect(zero).toBe(1);
    expect(low).toBe(lowest);
    expect(low).toBeGreaterThan(1.1e-38);
    expect(low).toBeLessThan(1.3e-38);
    expect(high).toBe(highest);
    expect(Math.abs(high - 1.65e38)).toBeLessThan(0.01e38);
  });

  it('gives powers of 2 within 2 ulp on [−126, 127), and about 1.2e-38 below', () => {
    expect(worst('pow2', sweep(-126, 126.999, 700_001), ulps)).toBeLessThanOrEqual(2);
    const [one, low, lowest] = run('pow2', [0, -1000, -Infinity]);
    expect(one).toBe(1);
    expect(low).toBe(lowest);
    expect(Math.abs(low - 2 ** -126)).toBeLessThan(1e-44);
  });

  it('gives log within 2 ulp on normal positive numbers, within 1e-7 near 1', () => {
    expect(worst('log', normalNumbers(2048), ulps)).toBeLessThanOrEqual(2);
    const nearOne = sweep(0.5, 2, 500_001);
    expect(worst('log', nearOne, (a, e) => Math.abs(a - e))).toBeLessThanOrEqual(1e-7);
    expect([...run('log', [1])]).toEqual([0]);
  });

  it('takes any count, and input and output may be the same array', () => {
    const all = Float32Array.from({ length: 9 }, (_, n) => 0.3 * n + 0.1);
    for (const name of NAMES) {
      const expected = run(name, all);
      for (let count = 0; count <= 9; count++) {
        expect(run(name, all.subarray(0, count))).toEqual(expected.subarray(0, count));
      }
      const { ws, functions } = open();
      const x = ws.f32(9);
      x.view.set(all);
      functions[`${name}_f32`](x.ptr, x.ptr, 9);
      expect(x.view).toEqual(expected);
    }
  });
});

describe('exp, log and powers of 2', () => {
  it('give the same bytes on every build', () => {
    const inputs = sweep(0.01, 80, 10_001);
    for (const name of NAMES) {
      const [first, second] = builds.map(({ open }) => {
        const { ws, functions } = open();
        const [x, y] = [ws.f32(inputs.length), ws.f32(inputs.length)];
        x.view.set(inputs);
        functions[`${name}_f32`](x.ptr, y.ptr, inputs.length);
        return y.view.slice();
      });
      expect(first).toEqual(second);
    }
  });
});
