import { exp4, pow2x4 } from './math';

// What other kernels inline, as functions on arrays: compiled for the tests only (scripts/test.mjs).

/** y = e^x.  x, y  [count], padded to a multiple of 4; may be the same array */
export function exp_f32(x: usize, y: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    const at = <usize>i << 2;
    v128.store(y + at, exp4(v128.load(x + at)));
  }
}

/** y = 2^x.  x, y  [count], padded to a multiple of 4; may be the same array */
export function pow2_f32(x: usize, y: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    const at = <usize>i << 2;
    v128.store(y + at, pow2x4(v128.load(x + at)));
  }
}
