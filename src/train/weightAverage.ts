import type { ModelState, TrainedState } from '../models/parameters/parameters.ts';

/** The table of a checkpoint that holds the average. */
const TABLE = 'average';

/**
 * An exponential moving average of all that is trained: after each update w̄ ← β w̄ + (1 − β) w, from the initial values on
 * (Polyak & Juditsky 1992; β per update as in Kingma & Ba 2015, §7.2, without its correction of the start). It is what is
 * validated and kept; training goes on from w. With β = 0 the average is w itself, and costs nothing.
 */
export class WeightAverage {
  readonly #parameters: TrainedState;
  readonly #decay: number;
  #average: Float32Array | null;

  constructor(parameters: TrainedState, decay: number) {
    this.#parameters = parameters;
    this.#decay = decay;
    this.#average = decay > 0 ? parameters.values() : null;
  }

  /** Takes in the weights after an update. */
  update(): void {
    const average = this.#average;
    if (!average) return;
    const now = this.#parameters.values();
    const share = 1 - this.#decay;
    for (let n = 0; n < average.length; n++) average[n] += share * (now[n] - average[n]);
  }

  /** A copy of the average. */
  values(): Float32Array {
    return this.#average?.slice() ?? this.#parameters.values();
  }

  /** What `use` returns with the average in the place of the weights. */
  async applied<T>(use: () => Promise<T>): Promise<T> {
    if (!this.#average) return await use();
    const now = this.#parameters.values();
    this.#parameters.setValues(this.#average);
    try {
      return await use();
    } finally {
      this.#parameters.setValues(now);
    }
  }

  /** What a checkpoint holds beside the parameters' own tables. */
  state(): ModelState {
    const values = this.#average;
    return values ? { [TABLE]: { rows: 1, dim: values.length, values: values.slice() } } : {};
  }

  restore(state: ModelState): void {
    if (this.#average) this.#average = state[TABLE].values.slice();
  }
}
