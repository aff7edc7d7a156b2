import type { I32Buffer, Matrix } from '../runtime/buffers.ts';
import { type Purpose, seedWords } from '../runtime/random.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** Fisher–Yates in place; see assembly/random.ts. */
export function shuffle(
  ws: Workspace,
  values: I32Buffer,
  seed: number,
  purpose: Purpose,
  round: number,
): void {
  const [key0, key1] = seedWords(seed);
  ws.wasm.shuffle_i32(values.ptr, values.length, key0, key1, purpose, round);
}

/** Words 0 … n−1 of a Philox sequence, as signed 32-bit. */
export function randomWords(
  ws: Workspace,
  out: I32Buffer,
  seed: number,
  purpose: Purpose,
  round: number,
): void {
  const [key0, key1] = seedWords(seed);
  ws.wasm.philox_u32(out.ptr, out.length, key0, key1, purpose, round);
}

/** Fills a table with numbers uniform over [low, high). */
export function randomUniform(
  ws: Workspace,
  out: Matrix,
  low: number,
  high: number,
  seed: number,
  purpose: Purpose,
  round: number,
): void {
  const { ptr, rows, dim, stride } = out;
  ws.wasm.random_uniform_f32(ptr, rows, dim, stride, low, high, ...seedWords(seed), purpose, round);
}
