import type { Table } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { sameKind } from './layout.ts';

export interface AdamOptions {
  /** Learning rate. */
  rate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** Number of this update, from 1: for the bias correction. */
  step: number;
}

/** Adam on a dense gradient; see assembly/optimizers.ts. */
export function adam(
  ws: Workspace,
  parameters: Table,
  gradient: Table,
  m: Table,
  v: Table,
  options: AdamOptions,
): void {
  for (const table of [gradient, m, v]) sameKind('adam', parameters, table);
  const count = parameters.view.length;
  ws.wasm.adam_f32(parameters.ptr, gradient.ptr, m.ptr, v.ptr, count, ...adamConstants(options));
}

/** parameters ← parameters − rate · gradient. */
export function sgd(ws: Workspace, parameters: Table, gradient: Table, rate: number): void {
  sameKind('sgd', parameters, gradient);
  ws.wasm.sgd_f32(parameters.ptr, gradient.ptr, parameters.view.length, rate);
}

/** The kernels' constants of one Adam update, in their order. */
export function adamConstants({ rate, beta1, beta2, epsilon, step }: AdamOptions) {
  const correction2 = Math.sqrt(1 - power(beta2, step));
  return [rate, beta1, 1 - beta1, beta2, 1 - beta2, epsilon, 1 - power(beta1, step), correction2] as const;
}

/** base^exponent by repeated squaring: `**` may differ in its last bit from one engine to another. */
function power(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let n = exponent; n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}
