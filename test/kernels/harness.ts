import { expect } from 'vitest';
import debugBytes from '../../build/debug.wasm';
import simdBytes from '../../build/simd.wasm';
import { F32Buffer, type F64Buffer, type I32Buffer, Matrix, type Table } from '../../src/runtime/buffers.ts';
import type { Csr as CsrArrays } from '../../src/runtime/csr.ts';
import { loadSync } from '../../src/runtime/load.ts';
import { PURPOSE, Random } from '../../src/runtime/random.ts';
import type { Workspace } from '../../src/runtime/workspace.ts';
import { type Matrix as Exact, toMatrix } from '../reference.ts';

/** Unit roundoff of f32. */
export const UNIT = 2 ** -24;
/** Below, at and above one vector, two vectors and two tiles; primes; powers of two. */
export const DIMS = [1, 2, 3, 4, 5, 7, 8, 12, 13, 16, 31, 64, 65, 128];
export const ROWS = [0, 1, 2, 3, 4, 5, 8, 9, 13, 17];
/** Each remainder modulo four, no neighbours, and many. */
export const DEGREES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 37];

const SEED = 11;
const GUARD_WORDS = 16;
const GUARD_BYTE = 0xa5;

/** Where the memory begins that belongs to the caller: below it kernels keep scratch of their own. */
const firstBytes = new WeakMap<Workspace, number>();

/** Every build of the same sources; `open` gives a workspace of its own. */
export const builds = [
  { name: 'simd', bytes: simdBytes },
  { name: 'debug', bytes: debugBytes },
].map(({ name, bytes }) => {
  const runtime = loadSync(new WebAssembly.Module(bytes));
  const open = () => {
    const workspace = runtime.open();
    firstBytes.set(workspace, workspace.mark());
    return workspace;
  };
  return { name, module: runtime.module, open };
});

type Output = Table | F32Buffer | F64Buffer | I32Buffer;

/** An output: how it is allocated, and what it holds before the kernel where that counts. */
type Room<T extends Output> = (() => T) | readonly [allocate: () => T, values: Float32Array];

/**
 * A call of a kernel: allocates its outputs between guard bytes, filled with NaN or with the values that are given, runs
 * it, and checks that not one byte beside them has changed and that the pad lanes of tables are zero.
 * @returns the outputs, in their order
 */
export function kernelCase<T extends readonly Output[]>(
  ws: Workspace,
  rooms: { readonly [N in keyof T]: Room<T[N]> },
  run: (outputs: T) => void,
): T {
  const outputs = rooms.map((room: Room<Output>) => {
    if (typeof room === 'function') return guarded(ws, room);
    const output = guarded(ws, room[0]);
    output.view.fill(0);
    if (output instanceof F32Buffer) output.view.set(room[1]);
    else (output as Table).write(room[1]);
    return output;
  }) as unknown as T;
  writesOnly(ws, outputs, () => run(outputs));
  for (const output of outputs) if (output instanceof Matrix) expectZeroPadding(output);
  return outputs;
}

/** Runs a test for every pair of two lists, each in a workspace that holds nothing else. */
export function sweep<A, B>(
  open: () => Workspace,
  first: readonly A[],
  second: readonly B[],
  run: (ws: Workspace, a: A, b: B) => void,
): void {
  const ws = open();
  const start = ws.mark();
  for (const a of first) {
    for (const b of second) {
      ws.release(start);
      run(ws, a, b);
    }
  }
}

/** What `allocate` returns, with guard bytes before and after it, filled with NaN (−1 in an I32Buffer). */
export function guarded<T extends Output>(ws: Workspace, allocate: () => T): T {
  const before = ws.i32(GUARD_WORDS);
  const output = allocate();
  const after = ws.i32(GUARD_WORDS);
  const [from, to] = extent(output);
  fillBytes(ws, before.ptr, from);
  fillBytes(ws, to, after.ptr + 4 * GUARD_WORDS);
  const view = output.view;
  view.fill(view instanceof Int32Array ? -1 : Number.NaN);
  return output;
}

/** Runs a kernel and checks that not one byte of the memory outside the outputs has changed. */
export function writesOnly(ws: Workspace, outputs: readonly Output[], run: () => void): void {
  const before = new Uint8Array(ws.buffer).slice();
  run();
  const after = new Uint8Array(ws.buffer);
  let from = firstBytes.get(ws) ?? 0;
  for (const [begin, end] of [
    ...outputs.map(extent).sort((a, b) => a[0] - b[0]),
    [ws.buffer.byteLength, 0],
  ]) {
    const untouched = Buffer.compare(before.subarray(from, begin), after.subarray(from, begin)) === 0;
    expect(untouched, `bytes ${from} … ${begin} outside the outputs are as before`).toBe(true);
    from = end;
  }
}

/** First byte and end of an output with its padding up to a multiple of four numbers. */
function extent(output: Output): [begin: number, end: number] {
  const { length, BYTES_PER_ELEMENT } = output.view;
  const padded = BYTES_PER_ELEMENT === 4 ? (length + 3) & ~3 : length;
  return [output.ptr, output.ptr + padded * BYTES_PER_ELEMENT];
}

function fillBytes(ws: Workspace, from: number, to: number): void {
  new Uint8Array(ws.buffer, from, to - from).fill(GUARD_BYTE);
}

/** `length` numbers uniform over [low, high), each f32; another `round`, other numbers. */
export function randomValues(length: number, round = 0, low = -1, high = 1): Float32Array {
  const random = new Random(SEED, PURPOSE.synthetic, round);
  return Float32Array.from({ length }, () => low + (high - low) * random.uniform());
}

/** `count` integers uniform over 0 … bound − 1. */
export function randomIndices(count: number, bound: number, round = 0): Int32Array {
  const random = new Random(SEED, PURPOSE.views, round);
  return Int32Array.from({ length: count }, () => random.below(bound));
}

/** A sparse matrix whose row r has `degreeOf(r)` neighbours, at most `cols`, ascending, and weights in [−1, 1). */
export function randomCsr(
  rows: number,
  cols: number,
  degreeOf: (row: number) => number,
  round = 0,
): CsrArrays & { values: Float32Array } {
  const random = new Random(SEED, PURPOSE.columns, round);
  const rowPtr = new Int32Array(rows + 1);
  const columns: number[] = [];
  for (let r = 0; r < rows; r++) {
    const all = random.shuffle(Int32Array.from({ length: cols }, (_, c) => c));
    columns.push(...all.subarray(0, Math.min(cols, degreeOf(r))).sort());
    rowPtr[r + 1] = columns.length;
  }
  return {
    rows,
    cols,
    rowPtr,
    colIdx: Int32Array.from(columns),
    values: randomValues(columns.length, round),
  };
}

/** A table in a workspace and the same numbers in float64. */
export function randomTable(
  ws: Workspace,
  rows: number,
  dim: number,
  round = 0,
  low = -1,
  high = 1,
): { table: Matrix; exact: Exact } {
  const values = randomValues(rows * dim, round, low, high);
  return { table: ws.matrixFrom(values, rows, dim), exact: toMatrix(values, rows, dim) };
}

/** |m|, element by element: a reference run on absolute values gives Σ|terms|. */
export function absolute(m: Exact): Exact {
  return { ...m, data: m.data.map(Math.abs) };
}

/** The largest |actual − expected| / allowed; at most 1 means within bounds. NaN counts as infinite. */
export function worstRatio(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  allowed: (n: number) => number,
): number {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  for (let n = 0; n < actual.length; n++) {
    const error = actual[n] === expected[n] ? 0 : Math.abs(actual[n] - expected[n]);
    const ratio = error === 0 ? 0 : error / allowed(n);
    worst = Math.max(worst, Number.isNaN(ratio) ? Infinity : ratio);
  }
  return worst;
}

/** Units in the last place of f32 between a result and the exact value. */
export function ulps(actual: number, exact: number): number {
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(exact))), -126);
  return Math.abs(actual - exact) / 2 ** (exponent - 23);
}

/** Checks that the lanes of every row from its `dim` on are zero. */
export function expectZeroPadding(m: Matrix): void {
  const view = m.view;
  let wrong = 0;
  for (let r = 0; r < m.rows; r++) {
    for (let c = m.dim; c < m.stride; c++) if (view[r * m.stride + c] !== 0) wrong++;
  }
  expect(wrong, 'pad lanes that are not zero').toBe(0);
}

/** a bᵀ by the plain scalar loop in f32: one running sum per element, columns ascending. */
export function scalarScores(a: Matrix, b: Matrix): Float32Array {
  const [x, y] = [a.read(), b.read()];
  const out = new Float32Array(a.rows * b.rows);
  for (let r = 0; r < a.rows; r++) {
    for (let s = 0; s < b.rows; s++) {
      let sum = 0;
      for (let k = 0; k < a.dim; k++) {
        sum = Math.fround(sum + Math.fround(x[r * a.dim + k] * y[s * b.dim + k]));
      }
      out[r * b.rows + s] = sum;
    }
  }
  return out;
}
