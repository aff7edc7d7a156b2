import { DataError, OptionError, shown } from '../errors.ts';
import { integer, listOf, number, oneOf, required } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';
import { resolveOptions } from '../options/resolve.ts';
import { PURPOSE, Random } from '../runtime/random.ts';
import { checkIsInteractions, checkIsSplit } from './argumentKinds.ts';
import type { Interactions } from './interactions.ts';
import { type Buckets, bucketPositions } from './positions.ts';
import { joined, positionsOf, ROLE, splitByRole } from './splitByRole.ts';

/**
 * Three disjoint sets of interactions over the same id tables.
 *
 * @example
 * const { train, valid, test }: Split = ratioSplit(interactions);
 */
export interface Split {
  readonly train: Interactions;
  readonly valid: Interactions;
  readonly test: Interactions;
  /**
   * Everything that users ever met, the three parts included, over the same id tables: what serving leaves out.
   * Absent where that is the three parts themselves.
   */
  readonly had?: Interactions;
  /** The pairs of `had` with an explicit low rating. */
  readonly disliked?: Interactions;
}

/**
 * A leave-one-out split, with the users it could not serve in full.
 *
 * @example
 * const { usersWithoutTest }: LeaveOneOutSplit = leaveOneOut(interactions);
 * usersWithoutTest; // → 0
 */
export interface LeaveOneOutSplit extends Split {
  /** users with one or two interactions: nothing in valid */
  readonly usersWithoutValid: number;
  /** users with one interaction: nothing in test either */
  readonly usersWithoutTest: number;
}

/**
 * Which interactions of a user are held out: drawn at random, or the latest.
 *
 * @example
 * const order: SplitOrder = 'time';
 * const split = leaveOneOut(interactions, { order });
 */
export type SplitOrder = 'random' | 'time';

/**
 * Order and seed of a split.
 *
 * @example
 * const options: SplitOptions = { order: 'random', seed: 7 };
 * const split = leaveOneOut(interactions, options);
 */
export interface SplitOptions {
  /** `random` (default) shuffles each user's interactions; `time` sorts them by timestamp, ties by file order */
  order?: SplitOrder;
  /** integer ≥ 0; read by `random` only; default 2020 (RecBole) */
  seed?: number;
}

/** Every option of `leaveOneOut`. */
export const SPLIT_OPTIONS = {
  order: oneOf(['random', 'time'], {
    about: "of each user's interactions before the split",
    ...{ flag: '--order <name>', default: 'random' },
  }),
  seed: integer({ about: 'of the order random', min: 0, default: 2020, source: 'RecBole' }),
} satisfies DescriptorsOf<SplitOptions>;

/**
 * Puts each user's last interaction into test and the last but one into valid. A user with two
 * gives one to train and one to test; a user with one gives it to train; both are counted in the result.
 *
 * @throws {OptionError} for anything but interactions, an unknown order, a seed that is no integer ≥ 0, or an unknown
 *   option
 * @throws {DataError} for `order: 'time'` without a timestamp on every interaction
 * @example
 * const { train, valid, test } = leaveOneOut(interactions, { order: 'time' });
 * [valid.length, test.length]; // → [60, 60]
 */
export function leaveOneOut(interactions: Interactions, options: SplitOptions = {}): LeaveOneOutSplit {
  checkIsInteractions(interactions, 'leaveOneOut');
  const resolved = resolveOptions(SPLIT_OPTIONS, options, 'leaveOneOut');
  const { start, order } = orderedByUser('leaveOneOut', interactions, resolved);
  const roles = new Uint8Array(interactions.length);
  let usersWithoutValid = 0;
  let usersWithoutTest = 0;
  for (let user = 0; user < interactions.numUsers; user++) {
    const count = start[user + 1] - start[user];
    if (count >= 2) roles[order[start[user + 1] - 1]] = ROLE.test;
    if (count >= 3) roles[order[start[user + 1] - 2]] = ROLE.valid;
    if (count === 1) usersWithoutTest++;
    if (count === 1 || count === 2) usersWithoutValid++;
  }
  return { ...splitByRole(interactions, roles), usersWithoutValid, usersWithoutTest };
}

/**
 * Options of `ratioSplit`.
 *
 * @example
 * const options: RatioSplitOptions = { ratios: [0.8, 0.1, 0.1], order: 'time' };
 * const { train, valid, test } = ratioSplit(interactions, options);
 */
export interface RatioSplitOptions extends SplitOptions {
  /** shares of train, valid and test, which sum to 1; default 0.8, 0.1, 0.1 (RecBole's `RS`) */
  ratios?: readonly [train: number, valid: number, test: number];
}

/** Every option of `ratioSplit`. */
export const RATIO_SPLIT_OPTIONS = {
  ...SPLIT_OPTIONS,
  ratios: listOf(number({ about: 'a share', min: 0, max: 1 }), {
    about: 'shares of train, valid and test',
    ...{ flag: '--ratios <list>', min: 3, default: [0.8, 0.1, 0.1], source: 'RecBole' },
  }),
};

/**
 * Cuts each user's ordered interactions into train, valid and test by ratio. Of n interactions, valid and
 * test get ⌊n·ratio⌋ and train the rest; a share between 0 and 1 interaction is rounded up, test first, as
 * long as train keeps one (RecBole `Dataset._calcu_split_ids`).
 *
 * @throws {OptionError} as `leaveOneOut`, and for ratios that are negative, do not sum to 1 or leave train empty
 * @throws {DataError} for `order: 'time'` without a timestamp on every interaction
 * @example
 * const { train, test } = ratioSplit(interactions, { ratios: [0.8, 0, 0.2], seed: 1 });
 * train.length + test.length === interactions.length; // → true
 */
export function ratioSplit(interactions: Interactions, options: RatioSplitOptions = {}): Split {
  checkIsInteractions(interactions, 'ratioSplit');
  const resolved = resolveOptions(RATIO_SPLIT_OPTIONS, options, 'ratioSplit');
  const { ratios } = resolved;
  const sum = ratios.reduce((total, ratio) => total + ratio, 0);
  if (ratios.length !== 3 || ratios[0] === 0 || !(Math.abs(sum - 1) < 1e-9)) {
    const problem = `expected three ratios ≥ 0 with train above 0 that sum to 1, received ${shown(ratios)}`;
    throw new OptionError('ratioSplit', problem, 'Pass e.g. ratios: [0.8, 0.1, 0.1]', 'ratios');
  }
  const { start, order } = orderedByUser('ratioSplit', interactions, resolved);
  const roles = new Uint8Array(interactions.length);
  for (let user = 0; user < interactions.numUsers; user++) {
    const count = start[user + 1] - start[user];
    let test = share(count, ratios[2]);
    let valid = share(count, ratios[1]);
    if (count - test - valid > 1 && test === 0 && ratios[2] > 0) test = 1;
    if (count - test - valid > 1 && valid === 0 && ratios[1] > 0) valid = 1;
    const end = start[user + 1];
    for (let n = end - test - valid; n < end; n++) roles[order[n]] = n < end - test ? ROLE.valid : ROLE.test;
  }
  return splitByRole(interactions, roles);
}

/** Every option of `coldStart`. */
const COLD_START_OPTIONS = {
  fraction: number({ about: 'share to remove', min: 0, max: 1, default: 0.5, source: 'LLMInit, Figure 3' }),
  seed: required(integer({ about: 'of what is removed', min: 0 })),
} satisfies DescriptorsOf<Parameters<typeof coldStart>[1]>;

/**
 * Removes a share of every user's training interactions at random: ⌊fraction·n⌋ of n, at least one of them
 * kept. Valid and test stay as they are: a cold start of known users, whose held-out items do not change. What is
 * removed stays in `had`: users met it, and a model does not recommend it.
 *
 * @throws {OptionError} for anything but a split, a `fraction` outside 0 … 1, or a seed that is no integer ≥ 0
 * @example
 * const cold = coldStart(split, { fraction: 0.1, seed: 1 });
 * const { means } = await evaluateScorer(popularity(cold.train), cold, { runtime });
 */
export function coldStart(split: Split, options: { fraction?: number; seed: number }): Split {
  checkIsSplit(split, 'coldStart');
  const { fraction, seed } = resolveOptions(COLD_START_OPTIONS, options, 'coldStart');
  const { train } = split;
  const { start, order } = bucketPositions(train.users, train.numUsers);
  // Round 1: the same seed made the split from round 0, whose draws must not come back here.
  const random = new Random(seed, PURPOSE.split, 1);
  const kept = new Uint8Array(train.length).fill(1);
  for (let user = 0; user < train.numUsers; user++) {
    const own = random.shuffle(order.subarray(start[user], start[user + 1]));
    const removed = Math.min(own.length - 1, share(own.length, fraction));
    for (let n = 0; n < removed; n++) kept[own[n]] = 0;
  }
  return { ...split, had: metBy(split), train: train.subset(positionsOf(kept, 1)) };
}

/** Everything that the users of a split ever met. */
function metBy({ had, train, valid, test }: Split): Interactions {
  return had ?? joined([train, valid, test]);
}

/** ⌊count · ratio⌋, where a product that rounding left just below an integer counts as that integer. */
function share(count: number, ratio: number): number {
  return Math.floor(count * ratio + 1e-9);
}

/** Positions grouped by user, each group in the order asked for. */
function orderedByUser(
  where: string,
  { users, numUsers, timestamps }: Interactions,
  { order, seed }: Required<SplitOptions>,
): Buckets {
  const random = new Random(seed, PURPOSE.split);
  const groups = bucketPositions(users, numUsers);
  if (order === 'time' && !timestamps) {
    const problem = 'order "time" needs a timestamp on every interaction, and some or all have none';
    throw new DataError(where, problem, 'Name the timestamp column, or use order "random"', 'order');
  }
  for (let user = 0; user < numUsers; user++) {
    const own = groups.order.subarray(groups.start[user], groups.start[user + 1]);
    if (order === 'random') random.shuffle(own);
    else own.sort((a, b) => timestamps![a] - timestamps![b] || a - b);
  }
  return groups;
}
