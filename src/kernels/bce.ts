import type { F32Buffer, I32Buffer, Matrix } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { sameWidth } from './layout.ts';

/**
 * losses[r] ← weight_r · (log(1 + e^(−s⁺)) + log(1 + e^(s⁻))) with s = ⟨hidden_r, item⟩ of one positive and one negative.
 * dHidden overwritten, dItems accumulated in the order of r.
 */
export function bceRows(
  ws: Workspace,
  hidden: Matrix,
  count: number,
  items: Matrix,
  positives: I32Buffer,
  negatives: I32Buffer,
  weights: F32Buffer,
  losses: F32Buffer,
  dHidden: Matrix,
  dItems: Matrix,
): void {
  for (const table of [items, dHidden, dItems]) sameWidth('bceRows', hidden, table);
  const inputs = [hidden.ptr, items.ptr, positives.ptr, negatives.ptr, weights.ptr, count] as const;
  ws.wasm.bce_rows_f32(...inputs, hidden.stride, losses.ptr, dHidden.ptr, dItems.ptr);
}
