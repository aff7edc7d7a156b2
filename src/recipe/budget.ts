import type { Cost, Entry } from './candidates/candidate.ts';
import type { TrainOptions } from './options.ts';
import type { TrainingSize } from './size.ts';

/** Multiplications that stand for a second: what one core did in training when the figure was chosen, rounded down. */
const PER_SECOND = 4e9;

/** The budget of a choice among models, in seconds, unless another is given. */
export const DEFAULT_BUDGET = 600;

/**
 * Work that may be spent, counted in multiplications: what a budget allows depends on the size of the data alone, so that
 * the same budget gives the same result on every machine.
 */
export class Budget {
  #left: number;

  constructor(seconds: number) {
    this.#left = seconds * PER_SECOND;
  }

  /** Seconds that are left. */
  get seconds(): number {
    return this.#left / PER_SECOND;
  }

  /**
   * How many units of work are affordable, of those wanted.
   * @param reserved work that is kept back for what follows; where that leaves no unit, nothing is kept back
   */
  affordable({ fixed, unit, units }: Cost, reserved = 0): number {
    const within = (left: number) => Math.max(0, Math.min(units, Math.floor((left - fixed) / unit)));
    return within(this.#left - reserved) || within(this.#left);
  }

  /** Takes the cost of so many units off. */
  spend({ fixed, unit }: Cost, units: number): void {
    this.#left -= fixed + unit * units;
  }
}

/** What the entries that follow the n-th one and need its result cost, at the least. */
export function reservedFor(
  entries: readonly Pick<Entry, 'name' | 'needs' | 'cost'>[],
  n: number,
  size: TrainingSize,
  options: TrainOptions,
): number {
  const following = entries.slice(n + 1).filter(({ needs = [] }) => needs.includes(entries[n].name));
  const costs = following.map((entry) => entry.cost(size, options));
  return costs.reduce((sum, { fixed, unit }) => sum + fixed + unit, 0);
}

/** Seconds that a cost stands for, with so many units. */
export function secondsOf({ fixed, unit }: Cost, units: number): number {
  return (fixed + unit * units) / PER_SECOND;
}
