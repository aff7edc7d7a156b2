import { type AdamOptions, adam, sgd } from '../../kernels/optimizers.ts';
import type { Table } from '../../runtime/buffers.ts';
import type { Workspace } from '../../runtime/workspace.ts';

/**
 * How the learning rate goes.
 *
 * @example
 * const rate: RateOptions = { learningRate: 1e-3, warmupEpochs: 2 };
 */
export interface RateOptions {
  readonly learningRate: number;
  /** Epochs, or parts of one, over which the rate rises from 0 to `learningRate`. Default none. */
  readonly warmupEpochs?: number;
  /** Epochs after which the rate is halved, again and again. Default never. */
  readonly halvingEpochs?: number;
}

/**
 * The update rule. Defaults: Adam as PyTorch's, rate 1e-3 (the authors' configuration).
 *
 * @example
 * const optimizer: OptimizerOptions = { ...ADAM, learningRate: 0.005 };
 * const trained = await train({ split }, { model: 'lightgcn', dim: 8, epochs: 1, optimizer });
 */
export type OptimizerOptions =
  | (RateOptions & {
      readonly name: 'adam';
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
    })
  | (RateOptions & { readonly name: 'sgd' });

/**
 * Adam with PyTorch's defaults.
 *
 * @example
 * ADAM.name; // → 'adam'
 */
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
  readonly #stepsPerEpoch: number;
  #steps = 0;

  constructor(options: OptimizerOptions, stepsPerEpoch: number) {
    this.#options = options;
    this.#stepsPerEpoch = stepsPerEpoch;
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
    const rate = options.learningRate * this.#share();
    if (options.name === 'sgd') return { adam: null, rate };
    const { beta1, beta2, epsilon } = options;
    return { adam: { rate, beta1, beta2, epsilon, step: this.#steps } };
  }

  /** The share of the learning rate that this update takes. */
  #share(): number {
    const { warmupEpochs = 0, halvingEpochs = Number.POSITIVE_INFINITY } = this.#options;
    let share = Math.min(1, this.#steps / (warmupEpochs * this.#stepsPerEpoch));
    let halvings = Math.floor((this.#steps - 1) / (halvingEpochs * this.#stepsPerEpoch));
    for (; halvings > 0 && share > 0; halvings--) share /= 2;
    return share;
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
