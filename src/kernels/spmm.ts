import { ShapeError } from '../errors.ts';
import type { F32Buffer, I32Buffer, Matrix, Table } from '../runtime/buffers.ts';
import type { CsrMatrix } from '../runtime/csrMatrix.ts';
import { type Chunks, evenChunks, scratchPart } from '../runtime/rowJobs.ts';
import type { Workspace } from '../runtime/workspace.ts';
import {
  checkScaled,
  type InputOptions,
  type ProductOptions,
  panelPtr,
  sameKind,
  sameWidth,
  touchesAhead,
} from './layout.ts';

/** Listed rows in a chunk. */
const LISTED_ROWS = 256;

/** What a batch leaves behind for the backward pass: a row of gradient and a decay factor for each slot. */
export interface BatchGradient {
  /** Slot of each node, −1 where it has none; [numNodes]. */
  slots: I32Buffer<'slot'>;
  /** dLoss/dZ of the batch's nodes; [numSlots × dim]. */
  gradient: Matrix;
  /** Factor of E⁽⁰⁾[node] that is added to its gradient; [numSlots]. */
  decay: F32Buffer;
}

/** Scratch of the sparse backward kernels, one part for each thread. */
export interface BackwardScratch {
  /** Rows of the gradient before they are used, `blockElements` a thread. */
  block: F32Buffer;
  /** `degree` entries a thread, at least maximal degree + 4; a multiple of 4. */
  hits: I32Buffer;
  weights: F32Buffer;
  degree: number;
}

/**
 * y ← scale · (addend + A x). `scaledIn`: x holds D^-½ times a table, which spares the weights; `scaledOut`: y is to
 * hold D^-½ times its table, for the next product. y is x's kind of table or row-major. Where both are in panels, y is
 * not `addend` and A is normalised, x is taken times D^-½ on the way, so that the last bits are other ones than row-major.
 */
export function spmm(
  ws: Workspace,
  a: CsrMatrix,
  x: Table,
  y: Table,
  addend: Table | null = null,
  options: ProductOptions = {},
): void {
  if (y.panels > 1 && y.panels !== x.panels) {
    const problem = `expected a result that is row-major or has as many panels as x, ${x.panels}, received ${y.panels}`;
    throw new ShapeError('spmm', problem, 'Make it with workspace.tableLike');
  }
  product(ws, 'spmm', a, x, y, addend, options, 0, a.chunks, a.nnz);
}

/** y[i] ← scale · (addend[rows[i]] + (A x)[rows[i]]) for the first `count` listed rows; options as `spmm`. */
export function spmmRows(
  ws: Workspace,
  a: CsrMatrix,
  x: Table,
  rows: I32Buffer,
  count: number,
  y: Matrix,
  addend: Table | null = null,
  options: InputOptions = {},
): void {
  const nnz = (a.nnz / a.rows) * count;
  product(ws, 'spmmRows', a, x, y, addend, options, rows.ptr, evenChunks(count, LISTED_ROWS), nnz);
}

/** All rows of A x, or those of a list; `nnz` entries, roughly. */
function product(
  ws: Workspace,
  name: string,
  a: CsrMatrix,
  x: Table,
  y: Table,
  addend: Table | null,
  options: ProductOptions,
  listPtr: number,
  chunks: Chunks,
  nnz: number,
): void {
  const { scale = 1, scaledIn, scaledOut = false } = options;
  sameWidth(name, x, y);
  checkScaled(name, a, options);
  if (addend) sameKind(name, x, addend);
  // The last panel of a result is made last: until then it holds D^-½ times a panel of x, which spares the weights.
  const ownPanels = y.panels > 1 && y !== addend && listPtr === 0;
  const norms = ownPanels && !scaledIn ? a.norms : null;
  for (let p = 0; p < x.panels; p++) {
    const scaled = norms && p + 1 < x.panels ? scaledPanel(ws, x, p, norms, y, chunks) : 0;
    const tables = [addend ? panelPtr(addend, p) : 0, listPtr, panelPtr(y, p, x.stride)];
    const from = [...csrArguments(a, scaledIn || scaled !== 0), scaled || panelPtr(x, p)];
    const head = [...from, ...tables, scale, Number(scaledOut), Number(touchesAhead(x))];
    ws.run({
      kernel: 'spmm_csr_f32',
      args: [...head, 0, 0, x.stride, y.stride],
      beginAt: head.length,
      chunks,
      scratch: [],
      work: nnz * x.stride,
    });
  }
}

/** Last panel of y ← D^-½ times panel p of x; returns its address. */
function scaledPanel(ws: Workspace, x: Table, p: number, norms: F32Buffer, y: Table, chunks: Chunks): number {
  const out = panelPtr(y, y.panels - 1);
  ws.run({
    kernel: 'scale_panel_f32',
    args: [panelPtr(x, p), norms.ptr, out, 0, 0, x.stride],
    beginAt: 3,
    chunks,
    scratch: [],
    work: x.rows * x.stride,
  });
  return out;
}

/** y ← G + A G, times D^-½ where `scaledOut`, G given by the rows of a batch. */
export function spmmSlots(
  ws: Workspace,
  a: CsrMatrix,
  { slots, gradient }: BatchGradient,
  y: Table,
  scratch: BackwardScratch,
  scaledOut = false,
): void {
  sameWidth('spmmSlots', gradient, y);
  checkScaled('spmmSlots', a, { scaledOut });
  const tables = [slots.ptr, gradient.ptr, y.ptr, 1, Number(scaledOut)];
  const head = [...csrArguments(a), ...tables, scratch.hits.ptr, scratch.weights.ptr];
  ws.run({
    kernel: 'spmm_csr_slots_f32',
    args: [...head, 0, 0, y.stride, gradient.stride, y.panels, y.panelStride * 4],
    beginAt: head.length,
    chunks: a.chunks,
    scratch: [scratchPart(head.length - 2, scratch.degree), scratchPart(head.length - 1, scratch.degree)],
    work: a.nnz * gradient.stride,
  });
}

/** rowPtr, colIdx, values and norms; no values where the table that is multiplied holds D^-½ already. */
export function csrArguments(a: CsrMatrix | null, scaledIn = false): number[] {
  if (!a) return [0, 0, 0, 0];
  return [a.rowPtr.ptr, a.colIdx.ptr, scaledIn ? 0 : a.values.ptr, a.norms?.ptr ?? 0];
}
