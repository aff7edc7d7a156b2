import type { F32Buffer, I32Buffer, Matrix } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { sameWidth } from './layout.ts';

/** margins[b] ← ⟨z[users[b]], z[positives[b]]⟩ − ⟨z[users[b]], z[negatives[b]]⟩; see assembly/bpr.ts. */
export function bprMargins(
  ws: Workspace,
  z: Matrix,
  users: I32Buffer<'slot'>,
  positives: I32Buffer<'slot'>,
  negatives: I32Buffer<'slot'>,
  count: number,
  margins: F32Buffer,
): void {
  const pairs = [users.ptr, positives.ptr, negatives.ptr] as const;
  ws.wasm.bpr_margins_f32(z.ptr, ...pairs, count, z.stride, margins.ptr);
}

/** losses ← −log(γ + σ(margin)), slopes ← scale · its derivative. */
export function bprLosses(
  ws: Workspace,
  margins: F32Buffer,
  count: number,
  scale: number,
  losses: F32Buffer,
  slopes: F32Buffer,
  gamma: number,
): void {
  ws.wasm.bpr_loss_f32(margins.ptr, count, scale, gamma, losses.ptr, slopes.ptr);
}

/** dz += slope · the gradient of the margin, pair by pair in their order. */
export function bprGradient(
  ws: Workspace,
  z: Matrix,
  users: I32Buffer<'slot'>,
  positives: I32Buffer<'slot'>,
  negatives: I32Buffer<'slot'>,
  slopes: F32Buffer,
  count: number,
  dz: Matrix,
): void {
  sameWidth('bprGradient', z, dz);
  const pairs = [users.ptr, positives.ptr, negatives.ptr] as const;
  ws.wasm.bpr_gradient_f32(z.ptr, ...pairs, slopes.ptr, count, z.stride, dz.ptr);
}
