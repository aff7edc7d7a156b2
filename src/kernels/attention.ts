import { ShapeError } from '../errors.ts';
import type { F32Buffer, I32Buffer, Matrix } from '../runtime/buffers.ts';
import { evenChunks, scratchPart } from '../runtime/rowJobs.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** Sequences of a chunk. */
const SEQUENCES = 8;

/** How rows fall into sequences, and where the weights of each stand; see assembly/attention.ts. */
export interface Sequences {
  readonly count: number;
  readonly rows: number;
  /** First rows, and the end: [count + 1]. */
  readonly starts: I32Buffer;
  /** First weights: [count]. */
  readonly places: I32Buffer;
  readonly longest: number;
}

/** How attention is divided. */
export interface Heads {
  readonly heads: number;
  /** Columns of a head in q, k and v: a multiple of 4, zeros behind its own. */
  readonly width: number;
  /** Of the scores, > 0. */
  readonly scale: number;
}

/** Weights of a sequence: heads × length rows of length rounded up to 4. */
export function attentionWeights(length: number, heads: number): number {
  return heads * length * Math.ceil(length / 4) * 4;
}

/** Elements of scratch for `attention` and `attentionBackward`. */
export function attentionRoom(ws: Pick<Workspace, 'threads'>, longest: number): number {
  return 2 * Math.ceil(longest / 4) * 4 * ws.threads;
}

/**
 * out_i ← Σ_{j ≤ i} softmax_j(⟨q_i, k_j⟩ · scale) · factor_ij · v_j in each sequence, head by head.
 * @param qkv [rows × 3 · heads · width]
 * @param queries only so many of the last rows of each sequence are computed
 * @throws {ShapeError} when tables do not fit the heads
 */
export function attention(
  ws: Workspace,
  qkv: Matrix,
  { heads, width, scale }: Heads,
  { starts, places, count, longest, rows }: Sequences,
  factors: F32Buffer | null,
  weights: F32Buffer,
  out: Matrix,
  room: F32Buffer,
  queries = longest,
): void {
  checkHeads('attention', qkv, out, heads, width);
  const tables = [qkv.ptr, qkv.stride, heads, width, scale, starts.ptr, places.ptr, factors?.ptr ?? 0];
  const args = [...tables, queries, weights.ptr, out.ptr, out.stride, room.ptr, 0, 0];
  ws.run({
    ...{ kernel: 'attention_f32', args, beginAt: args.length - 2, chunks: evenChunks(count, SEQUENCES) },
    scratch: [scratchPart(args.length - 3, attentionRoom({ threads: 1 }, longest))],
    work: rows * longest * heads * width,
  });
}

/** dQkv from dOut; weights of the forward pass are overwritten. @throws {ShapeError} as `attention` */
export function attentionBackward(
  ws: Workspace,
  qkv: Matrix,
  { heads, width, scale }: Heads,
  { starts, places, count, longest, rows }: Sequences,
  factors: F32Buffer | null,
  weights: F32Buffer,
  dOut: Matrix,
  dQkv: Matrix,
  room: F32Buffer,
): void {
  checkHeads('attentionBackward', qkv, dOut, heads, width);
  checkHeads('attentionBackward', dQkv, dOut, heads, width);
  const tables = [qkv.ptr, qkv.stride, heads, width, scale, starts.ptr, places.ptr, factors?.ptr ?? 0];
  const args = [...tables, weights.ptr, dOut.ptr, dOut.stride, dQkv.ptr, room.ptr, longest, 0, 0];
  ws.run({
    ...{ kernel: 'attention_backward_f32', args, beginAt: args.length - 2 },
    chunks: evenChunks(count, SEQUENCES),
    scratch: [scratchPart(args.length - 4, attentionRoom({ threads: 1 }, longest))],
    work: 2 * rows * longest * heads * width,
  });
}

function checkHeads(kernel: string, qkv: Matrix, out: Matrix, heads: number, width: number): void {
  if (width % 4 === 0 && qkv.stride >= 3 * heads * width && out.stride >= heads * width) return;
  const problem = `expected ${heads} heads of a multiple of 4 columns, in rows of ${3 * heads * width} and ${heads * width}`;
  const received = `received ${width} columns, ${qkv.stride} and ${out.stride}`;
  throw new ShapeError(kernel, `${problem}, ${received}`, 'Round the columns of a head up to 4');
}
