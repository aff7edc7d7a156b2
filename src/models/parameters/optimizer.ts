import { type AdamOptions, adam, sgd } from '../../kernels/optimizers.ts';
import type { Table } from '../../runtime/buffers.ts';
import type { Workspace } from '../../runtime/workspace.ts';

/** The update rule. Defaults: Adam as PyTorch's, rate 1e-3 (the authors' configuration). */
export type OptimizerOptions =
  | {
      readonly name: 'adam';
      readonly learningRate: number;
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
    }
  | { readonly name: 'sgd'; readonly learningRate: number };

/** Adam with PyTorch's defaults. */
export const ADAM: OptimizerOptions = {
  name: 'adam',
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
};

/** What one update does: Adam's constants of its step, or SGD's rate. */
export type Update = { readonly adam: AdamOptions } | { readonly adam: null; readonly rate: number };

/** Counts the updates of the parameters and says what each of them does. */
export class Optimizer {
  readonly #options: OptimizerOptions;
  #steps = 0;

  constructor(options: OptimizerOptions) {
    this.#options = options;
  }

  /** Updates done; set when training is resumed, which restores the bias correction. */
  get steps(): number {
    return this.#steps;
  }

  set steps(steps: number) {
    this.#steps = steps;
  }

  /** Begins the next update. */
  next(): Update {
    this.#steps++;
    const options = this.#options;
    const rate = options.learningRate;
    return options.name === 'sgd' ? { adam: null, rate } : { adam: { ...options, rate, step: this.#steps } };
  }
}

/** An update of one table by its whole gradient; m and v are Adam's moments. */
export function applyUpdate(
  workspace: Workspace,
  update: Update,
  parameters: Table,
  gradient: Table,
  m: Table,
  v: Table,
): void {
  if (update.adam) adam(workspace, parameters, gradient, m, v, update.adam);
  else sgd(workspace, parameters, gradient, update.rate);
}
