import { describe, expect, it } from 'vitest';
import {
  attention,
  attentionBackward,
  attentionRoom,
  attentionWeights,
  type Heads,
  type Sequences,
} from '../../src/kernels/attention.ts';
import type { Workspace } from '../../src/runtime/workspace.ts';
import { maxDifference } from '../reference/sample.ts';
import {
  attention as exact,
  attentionBackward as exactBackward,
  type Matrix,
  toMatrix,
  zeros,
} from '../reference.ts';
import { builds, guarded, randomValues, writesOnly } from './harness.ts';

const LENGTHS = [1, 2, 3, 4, 5, 8, 13, 1];

function sequencesOf(ws: Workspace, lengths: readonly number[], heads: number) {
  const [starts, places] = [[0], [] as number[]];
  let weights = 0;
  for (const length of lengths) {
    starts.push(starts[starts.length - 1] + length);
    places.push(weights);
    weights += attentionWeights(length, heads);
  }
  const rows = starts[lengths.length];
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  const sequences: Sequences = {
    ...{ count: lengths.length, rows, longest },
    ...{ starts: ws.i32From(starts), places: ws.i32From(places) },
  };
  return { sequences, starts, places, weights, rows, longest };
}

/** Columns of each head without the padding, side by side; `parts` of them a row. */
function narrowed(
  values: ArrayLike<number>,
  rows: number,
  parts: number,
  width: number,
  own: number,
): Matrix {
  const wide = toMatrix(values, rows, parts * width);
  const out = zeros(rows, parts * own);
  for (let n = 0; n < rows * parts; n++)
    for (let c = 0; c < own; c++) out.data[n * own + c] = wide.data[n * width + c];
  return out;
}

describe.each(builds)('causal attention on the $name build', ({ open }) => {
  it.each([
    [1, 1],
    [1, 4],
    [2, 3],
    [2, 8],
    [3, 5],
    [4, 16],
    [2, 33],
  ])(
    'of %i heads of %i columns is that of the reference, forward and backward, with dropout',
    (heads, own) => {
      const width = Math.ceil(own / 4) * 4;
      const setting: Heads = { heads, width, scale: 1 / Math.sqrt(own) };
      const ws = open();
      const { sequences, starts, places, weights: size, rows, longest } = sequencesOf(ws, LENGTHS, heads);
      const padded = (round: number, parts: number) =>
        randomValues(rows * parts * width, round).map((value, n) => (n % width < own ? value : 0));
      const qkv = ws.matrixFrom(padded(1, 3 * heads), rows, 3 * heads * width);
      const dOut = ws.matrixFrom(padded(2, heads), rows, heads * width);
      const factors = ws.f32(size);
      factors.view.set(randomValues(size, 3).map((value) => (value < 0 ? 0 : 2)));
      const weights = guarded(ws, () => ws.f32(size));
      weights.view.fill(0);
      const room = guarded(ws, () => ws.f32(attentionRoom(ws, longest)));
      const out = guarded(ws, () => ws.matrix(rows, heads * width));
      const dQkv = guarded(ws, () => ws.matrix(rows, 3 * heads * width));
      writesOnly(ws, [weights, room, out], () =>
        attention(ws, qkv, setting, sequences, factors, weights, out, room),
      );
      writesOnly(ws, [weights, room, dQkv], () =>
        attentionBackward(ws, qkv, setting, sequences, factors, weights, dOut, dQkv, room),
      );
      const all = {
        qkv: narrowed(qkv.read(), rows, 3 * heads, width, own),
        dOut: narrowed(dOut.read(), rows, heads, width, own),
        out: narrowed(out.read(), rows, heads, width, own),
        dQkv: narrowed(dQkv.read(), rows, 3 * heads, width, own),
      };
      for (const [s, length] of LENGTHS.entries()) {
        const part = (m: Matrix) =>
          toMatrix(m.data.slice(starts[s] * m.cols, starts[s + 1] * m.cols), length, m.cols);
        const step = Math.ceil(length / 4) * 4;
        const factor = (h: number, i: number, j: number) =>
          factors.view[places[s] + (h * length + i) * step + j];
        const [q, d] = [part(all.qkv), part(all.dOut)];
        expect(maxDifference(part(all.out).data, exact(q, heads, setting.scale, factor).data)).toBeLessThan(
          1e-5,
        );
        const back = exactBackward(d, q, heads, setting.scale, factor);
        expect(maxDifference(part(all.dQkv).data, back.data)).toBeLessThan(1e-5);
      }
      // Padding stays zero, so that it takes no gradient.
      for (const [n, value] of dQkv.read().entries()) if (n % width >= own) expect(value).toBe(0);
    },
  );

  it('computes only the last queries where these are asked for, to the bit', () => {
    const ws = open();
    const setting: Heads = { heads: 2, width: 8, scale: 0.5 };
    const { sequences, starts, weights: size, rows, longest } = sequencesOf(ws, LENGTHS, 2);
    const qkv = ws.matrixFrom(randomValues(rows * 48, 1), rows, 48);
    const [weights, room] = [ws.f32(size), ws.f32(attentionRoom(ws, longest))];
    const [whole, last] = [ws.matrix(rows, 16), ws.matrix(rows, 16)];
    attention(ws, qkv, setting, sequences, null, weights, whole, room);
    attention(ws, qkv, setting, sequences, null, weights, last, room, 1);
    for (let s = 0; s < LENGTHS.length; s++)
      for (let r = starts[s]; r < starts[s + 1]; r++)
        expect(last.row(r).view).toEqual(r === starts[s + 1] - 1 ? whole.row(r).view : new Float32Array(16));
  });

  it('is refused where a head is no multiple of four columns', () => {
    const ws = open();
    const { sequences } = sequencesOf(ws, [2], 1);
    const [qkv, out, some] = [ws.matrix(2, 18), ws.matrix(2, 6), ws.f32(64)];
    const setting = { heads: 1, width: 6, scale: 1 };
    expect(() => attention(ws, qkv, setting, sequences, null, some, out, some)).toThrow(/multiple of 4/);
  });
});
