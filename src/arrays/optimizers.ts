import { adam, sgd } from '../kernels/optimizers.ts';
import { checkArgument, FLOAT32, having, NUMBER } from '../options/arguments.ts';
import { number } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';
import { resolveOptions } from '../options/resolve.ts';
import type { Runtime } from '../runtime/load.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { checkCounts, checkRange, checkTable, use } from './checks.ts';

/**
 * What Adam remembers of a table.
 *
 * @example
 * const state: AdamState = { m: new Float32Array(2), v: new Float32Array(2), step: 1 };
 */
export interface AdamState {
  /** First moments; as long as the parameters, at first zero. */
  readonly m: Float32Array;
  /** Second moments; as long as the parameters, at first zero. */
  readonly v: Float32Array;
  /** Updates done, at first 0. */
  step: number;
}

/**
 * Defaults as in PyTorch: 1e-3, 0.9, 0.999, 1e-8.
 *
 * @example
 * const options: AdamOptions = { learningRate: 0.01, beta1: 0.9 };
 */
export interface AdamOptions {
  readonly learningRate?: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

const ADAM_OPTIONS = {
  learningRate: number({ about: 'of the update', min: 0, default: 1e-3 }),
  beta1: number({ about: 'decay of the first moments', min: 0, below: 1, default: 0.9 }),
  beta2: number({ about: 'decay of the second moments', min: 0, below: 1, default: 0.999 }),
  epsilon: number({ about: 'added to the root', min: 0, default: 1e-8 }),
} satisfies DescriptorsOf<AdamOptions>;
const STATE = having<AdamState>('{ m, v, step }', { m: FLOAT32, v: FLOAT32, step: NUMBER });

/**
 * One update by Adam, in place: `params`, `state.m` and `state.v` are overwritten, `state.step` goes up by one.
 * p ← p − lr/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε) (Kingma & Ba 2015, Algorithm 1, as torch.optim.Adam computes it).
 * NaN and Inf pass through.
 *
 * @param params any number of parameters, at least one
 * @param gradient of the loss with respect to `params`
 * @throws {ShapeError} when the arrays differ in length
 * @throws {OptionError} on a rate or ε that is not finite and ≥ 0, a β outside [0, 1), or a step that is no integer ≥ 0
 * @example
 * const params = Float32Array.of(1, 2);
 * const state = { m: new Float32Array(2), v: new Float32Array(2), step: 1 };
 * adamStep(runtime, params, Float32Array.of(0.5, -0.5), state, { learningRate: 0.1 });
 * params[0] < 1 && params[1] > 2; // → true
 */
export function adamStep(
  runtime: Runtime,
  params: Float32Array,
  gradient: Float32Array,
  state: AdamState,
  options: AdamOptions = {},
): void {
  const { learningRate, beta1, beta2, epsilon } = resolveOptions(ADAM_OPTIONS, options, 'adamStep');
  checkArgument(FLOAT32, params, 'params', 'adamStep');
  checkArgument(STATE, state, 'state', 'adamStep');
  const { length } = params;
  const step = state.step + 1;
  checkCounts('adamStep', { 'params.length': length, 'state.step + 1': step });
  for (const [name, array] of Object.entries({ params, gradient, m: state.m, v: state.v }))
    checkTable('adamStep', name, array, 1, length);
  const arrays = [params, gradient, state.m, state.v];
  const layout = (workspace: Workspace) => arrays.map(() => workspace.matrix(1, length));
  use('adamStep', runtime, layout, (tables, workspace) => {
    for (const [n, table] of tables.entries()) table.write(arrays[n]);
    const [p, g, m, v] = tables;
    adam(workspace, p, g, m, v, { rate: learningRate, beta1, beta2, epsilon, step });
    params.set(p.read());
    state.m.set(m.read());
    state.v.set(v.read());
  });
  state.step = step;
}

/**
 * One update by gradient descent, in place: p ← p − lr · g. NaN and Inf pass through.
 *
 * @throws {ShapeError} when the arrays differ in length
 * @throws {OptionError} on a rate that is not finite and ≥ 0, or no parameters
 * @example
 * const params = Float32Array.of(1, 2);
 * sgdStep(runtime, params, Float32Array.of(0.5, 0), 0.5);
 * [...params]; // → [0.75, 2]
 */
export function sgdStep(
  runtime: Runtime,
  params: Float32Array,
  gradient: Float32Array,
  learningRate: number,
): void {
  checkRange('sgdStep', { learningRate }, Infinity);
  checkArgument(FLOAT32, params, 'params', 'sgdStep');
  const { length } = params;
  checkCounts('sgdStep', { 'params.length': length });
  checkTable('sgdStep', 'params', params, 1, length);
  checkTable('sgdStep', 'gradient', gradient, 1, length);
  const layout = (workspace: Workspace) => [0, 1].map(() => workspace.matrix(1, length));
  use('sgdStep', runtime, layout, ([table, slope], workspace) => {
    table.write(params);
    slope.write(gradient);
    sgd(workspace, table, slope, learningRate);
    params.set(table.read());
  });
}
