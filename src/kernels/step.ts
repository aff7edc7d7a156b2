import type { Table } from '../runtime/buffers.ts';
import { UPDATE_BLOCK_ELEMENTS } from '../runtime/constants.ts';
import type { CsrMatrix } from '../runtime/csrMatrix.ts';
import { evenChunks, type RowKernel, scratchPart } from '../runtime/rowJobs.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { checkScaled, type InputOptions, panelPtr, sameKind, sameWidth, touchesAhead } from './layout.ts';
import { type AdamOptions, adamConstants } from './optimizers.ts';
import { type BackwardScratch, type BatchGradient, csrArguments } from './spmm.ts';

/** Rows in a chunk where there is no graph by which rows are shared out. */
const UPDATED_ROWS = 1024;

/** Elements of `BackwardScratch.block` for each thread, for rows of `columns` columns; see assembly/step.ts. */
export function blockElements(columns: number): number {
  return Math.max(UPDATE_BLOCK_ELEMENTS, Math.ceil(columns / 4) * 4);
}

/**
 * The last backward propagation and Adam: gradient row = scale · (G + A y) + decay · parameters.
 * `a` null: no propagation (0 layers). `y` null: y = G (1 layer). `scaledIn`: y holds D^-½ times its table.
 */
export function spmmAdam(
  ws: Workspace,
  a: CsrMatrix | null,
  y: Table | null,
  batch: BatchGradient,
  parameters: Table,
  m: Table,
  v: Table,
  scratch: BackwardScratch,
  options: InputOptions,
  adam: AdamOptions,
): void {
  for (const table of [m, v]) sameKind('spmm_adam_f32', parameters, table);
  const tables = [parameters, m, v];
  update(ws, 'spmm_adam_f32', a, y, batch, tables, scratch, options, adamConstants(adam));
}

/** out ← the gradient scale · (G + A y) itself, without the decay; arguments as `spmmAdam`. */
export function batchGradient(
  ws: Workspace,
  a: CsrMatrix | null,
  y: Table | null,
  batch: BatchGradient,
  out: Table,
  scratch: BackwardScratch,
  options: InputOptions,
): void {
  // What SGD of rate −1 makes of zeros, which have no decay.
  out.view.fill(0);
  spmmSgd(ws, a, y, batch, out, scratch, options, -1);
}

/** The last backward propagation and SGD; see `spmmAdam`. */
export function spmmSgd(
  ws: Workspace,
  a: CsrMatrix | null,
  y: Table | null,
  batch: BatchGradient,
  parameters: Table,
  scratch: BackwardScratch,
  options: InputOptions,
  rate: number,
): void {
  update(ws, 'spmm_sgd_f32', a, y, batch, [parameters], scratch, options, [rate]);
}

function update(
  ws: Workspace,
  kernel: RowKernel,
  a: CsrMatrix | null,
  y: Table | null,
  { slots, gradient, decay }: BatchGradient,
  tables: readonly Table[],
  { block, hits, weights, degree }: BackwardScratch,
  options: InputOptions,
  rates: readonly number[],
): void {
  const { scale = 1, scaledIn } = options;
  const [parameters] = tables;
  sameWidth(kernel, gradient, parameters);
  if (y) {
    checkScaled(kernel, a, options);
    sameKind(kernel, parameters, y);
  }
  const { rows, stride } = parameters;
  const touch = Number(a !== null && y !== null && touchesAhead(y));
  for (let p = 0; p < parameters.panels; p++) {
    const sources = [slots.ptr, panelPtr(gradient, p, stride), y ? panelPtr(y, p) : 0, decay.ptr];
    const updated = tables.map((table) => panelPtr(table, p));
    const head = [...csrArguments(a, scaledIn), ...sources, ...updated, block.ptr, hits.ptr, weights.ptr];
    const at = head.length - 3;
    ws.run({
      kernel,
      args: [...head, scale, ...rates, touch, 0, 0, stride, gradient.stride],
      beginAt: head.length + 2 + rates.length,
      chunks: a?.chunks ?? evenChunks(rows, UPDATED_ROWS),
      scratch: [
        scratchPart(at, blockElements(gradient.stride)),
        scratchPart(at + 1, degree),
        scratchPart(at + 2, degree),
      ],
      work: ((a?.nnz ?? 0) + rows) * stride,
    });
  }
}
