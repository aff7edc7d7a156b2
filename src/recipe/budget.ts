import type { Cost } from './candidates/candidate.ts';

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

  /** How many units of work are affordable, of those wanted. */
  affordable({ fixed, unit, units }: Cost): number {
    return Math.max(0, Math.min(units, Math.floor((this.#left - fixed) / unit)));
  }

  /** Takes the cost of so many units off. */
  spend({ fixed, unit }: Cost, units: number): void {
    this.#left -= fixed + unit * units;
  }
}

/** Seconds that a cost stands for, with so many units. */
export function secondsOf({ fixed, unit }: Cost, units: number): number {
  return (fixed + unit * units) / PER_SECOND;
}
