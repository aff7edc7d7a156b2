import { DataError, OptionError, shown } from '../errors.ts';
import { integer, listOf, number } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';
import { resolveOptions } from '../options/resolve.ts';
import { PURPOSE, Random } from '../runtime/random.ts';
import { checkIsInteractions } from './argumentKinds.ts';
import type { Interactions } from './interactions.ts';
import { ROLE, splitByRole } from './splitByRole.ts';
import type { Split } from './splits.ts';

/**
 * Options of `timeSplit`: either dates or shares.
 *
 * @example
 * const options: TimeSplitOptions = { at: [secondsOf('2023-11-20')!, secondsOf('2023-11-30')!] };
 */
export interface TimeSplitOptions {
  /**
   * Seconds since 1970. Interactions before the first date train; those from the last one on test, and those between
   * two dates validate. One date gives a split without validation.
   */
  at?: readonly number[];
  /** Shares of all interactions, from the oldest to the newest, that train, validate and test. Default 0.8, 0.1, 0.1 */
  ratios?: readonly [train: number, valid: number, test: number];
}

/**
 * A split by time, with what could not be held out.
 *
 * @example
 * const { at, withoutTraining }: TimeSplit = timeSplit(interactions);
 */
export interface TimeSplit extends Split {
  /** seconds since 1970 from which on interactions validate and test; equal where nothing validates */
  readonly at: readonly [valid: number, test: number];
  /** interactions after the first date that are in no part, because their user has none before it */
  readonly withoutTraining: number;
}

const TIME_SPLIT_OPTIONS = {
  at: listOf(number({ about: 'seconds since 1970' }), {
    about: 'from when on interactions validate and test',
    flag: '--split-at <dates>',
    min: 1,
  }),
  ratios: listOf(number({ about: 'a share', min: 0, max: 1 }), {
    about: 'shares of train, valid and test, oldest first',
    ...{ min: 3, default: [0.8, 0.1, 0.1] },
  }),
};

/**
 * Cuts all interactions at one or two points in time, so that nothing that trains is younger than anything that is
 * held out, as in production. Interactions of one moment stay together. Users without an interaction before the first
 * point have nothing to be recommended by: theirs are left out and counted.
 *
 * Global temporal split: Meng et al., "Exploring Data Splitting Strategies for the Evaluation of Recommendation
 * Models" (RecSys 2020).
 *
 * @throws {OptionError} for anything but interactions, dates that are not one or two ascending numbers, shares that are
 *   negative, do not sum to 1 or leave train empty, or both
 * @throws {DataError} without a timestamp on every interaction, or if no interaction lies before the first date
 * @example
 * const { train, test, at } = timeSplit(interactions, { ratios: [0.8, 0.1, 0.1] });
 * Math.max(...train.timestamps!) < at[0]; // → true
 */
export function timeSplit(interactions: Interactions, options: TimeSplitOptions = {}): TimeSplit {
  checkIsInteractions(interactions, 'timeSplit');
  const { at, ratios } = resolveOptions(TIME_SPLIT_OPTIONS, options, 'timeSplit');
  if (at && options.ratios) {
    const problem = 'expected either dates or shares, received both';
    throw new OptionError('timeSplit', problem, 'Leave one of them out', 'at');
  }
  const { timestamps, users, numUsers } = interactions;
  if (!timestamps) {
    const problem = 'expected a timestamp on every interaction, and some or all have none';
    throw new DataError(
      'timeSplit',
      problem,
      'Name the timestamp column, or split by user',
      'timestampColumn',
    );
  }
  const [valid, test] = at ? datesOf(at) : datesOfShares(timestamps, ratios);
  const roles = Uint8Array.from(timestamps, (time) =>
    time < valid ? ROLE.train : time < test ? ROLE.valid : ROLE.test,
  );
  const trains = new Uint8Array(numUsers);
  for (let n = 0; n < roles.length; n++) if (roles[n] === ROLE.train) trains[users[n]] = 1;
  if (!trains.includes(1)) {
    const problem = `expected interactions before ${momentOf(valid)}, received none`;
    throw new DataError('timeSplit', problem, 'Pass a later date', 'at');
  }
  let withoutTraining = 0;
  for (let n = 0; n < roles.length; n++) {
    if (roles[n] === ROLE.train || trains[users[n]] === 1) continue;
    roles[n] = ROLE.none;
    withoutTraining++;
  }
  return { ...splitByRole(interactions, roles), at: [valid, test], withoutTraining };
}

function datesOf(at: readonly number[]): [valid: number, test: number] {
  if (at.length <= 2 && !(at[0] > at[at.length - 1])) return [at[0], at[at.length - 1]];
  const problem = `expected one date or two that ascend, received ${shown(at)}`;
  throw new OptionError('timeSplit', problem, 'Pass e.g. at: [1388534400, 1391212800]', 'at');
}

function datesOfShares(timestamps: Float64Array, ratios: readonly number[]): [valid: number, test: number] {
  const sum = ratios.reduce((total, ratio) => total + ratio, 0);
  if (ratios.length !== 3 || ratios[0] === 0 || !(Math.abs(sum - 1) < 1e-9)) {
    const problem = `expected three ratios ≥ 0 with train above 0 that sum to 1, received ${shown(ratios)}`;
    throw new OptionError('timeSplit', problem, 'Pass e.g. ratios: [0.8, 0.1, 0.1]', 'ratios');
  }
  const sorted = timestamps.slice().sort();
  const cut = (share: number) => {
    const first = Math.floor(sorted.length * share + 1e-9);
    return first < sorted.length ? sorted[first] : Number.POSITIVE_INFINITY;
  };
  return [cut(ratios[0]), cut(ratios[0] + ratios[1])];
}

/**
 * Options of `wholeSplit`.
 *
 * @example
 * const options: WholeSplitOptions = { validShare: 0.05, seed: 1 };
 * const { train, valid } = wholeSplit(interactions, options);
 */
export interface WholeSplitOptions {
  /** Share of all interactions that validates instead of training, 0 … 0.5. Default 0 */
  validShare?: number;
  /** Of the interactions that validate: an integer ≥ 0. Default 2020 */
  seed?: number;
}

const WHOLE_SPLIT_OPTIONS = {
  validShare: number({
    about: 'share of the interactions that validates',
    ...{ flag: '--valid-share <number>', min: 0, max: 0.5, default: 0 },
  }),
  seed: integer({ about: 'of the interactions that validate', min: 0, default: 2020 }),
} satisfies DescriptorsOf<WholeSplitOptions>;

/**
 * Everything trains, for a model that goes into production: nothing is held out for a test, and for validation only as
 * small a share as early stopping takes, drawn at random from users with two interactions or more. Without it training
 * runs for as many epochs as it is told; the best number is that of an earlier run with a split.
 *
 * @throws {OptionError} for anything but interactions, a share outside 0 … 0.5, or a seed that is no integer ≥ 0
 * @example
 * const { train, valid } = wholeSplit(interactions, { validShare: 0.1, seed: 1 });
 * train.length + valid.length === interactions.length; // → true
 */
export function wholeSplit(interactions: Interactions, options: WholeSplitOptions = {}): Split {
  checkIsInteractions(interactions, 'wholeSplit');
  const { validShare, seed } = resolveOptions(WHOLE_SPLIT_OPTIONS, options, 'wholeSplit');
  const { users, numUsers, length } = interactions;
  const roles = new Uint8Array(length).fill(ROLE.train);
  const left = new Int32Array(numUsers);
  for (const user of users) left[user]++;
  const order = Int32Array.from({ length }, (_, n) => n);
  if (validShare > 0) new Random(seed, PURPOSE.split, 2).shuffle(order);
  let wanted = Math.floor(length * validShare + 1e-9);
  for (let n = 0; n < length && wanted > 0; n++) {
    const user = users[order[n]];
    if (left[user] < 2) continue;
    left[user]--;
    wanted--;
    roles[order[n]] = ROLE.valid;
  }
  return splitByRole(interactions, roles);
}

/** Seconds since 1970 as a date, or as they are beyond the dates that there are. */
function momentOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds} s` : date.toISOString();
}
