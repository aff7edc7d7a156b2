import { integer, required } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';
import { resolveOptions } from '../options/resolve.ts';
import { PURPOSE, Random } from '../runtime/random.ts';
import { checkIsInteractions } from './argumentKinds.ts';
import type { Interactions } from './interactions.ts';
import { reindexed } from './kCore.ts';
import { bucketPositions } from './positions.ts';

/**
 * How large a sample is.
 *
 * @example
 * const options: SampleUsersOptions = { items: 20, seed: 1 };
 * const sample = sampleUsers(interactions, options);
 */
export interface SampleUsersOptions {
  /** Items that the sample touches, about: users are taken until there are so many. */
  readonly items: number;
  readonly seed: number;
}

const OPTIONS = {
  items: required(integer({ about: 'items of the sample', min: 1 })),
  seed: required(integer({ about: 'of the draw', min: 0 })),
} satisfies DescriptorsOf<SampleUsersOptions>;

/**
 * All interactions of users who are drawn at random, until they touch `items` items; all users where there are no more.
 * Histories stay whole, so that a sample is split and ranked as the data are. Ids are numbered anew as by `kCore`.
 *
 * @throws {OptionError} for anything but interactions, or options out of range
 * @example
 * const sample = sampleUsers(interactions, { items: 20, seed: 1 });
 * sample.numItems <= interactions.numItems; // → true
 */
export function sampleUsers(interactions: Interactions, options: SampleUsersOptions): Interactions {
  checkIsInteractions(interactions, 'sampleUsers');
  const { items: wanted, seed } = resolveOptions(OPTIONS, options, 'sampleUsers');
  const { users, items, numUsers, numItems, length } = interactions;
  if (wanted >= numItems) return interactions;
  const { start, order } = bucketPositions(users, numUsers);
  const touched = new Uint8Array(numItems);
  const kept = new Uint8Array(length);
  let count = 0;
  const drawn = new Random(seed, PURPOSE.sample).shuffle(
    Int32Array.from({ length: numUsers }, (_, user) => user),
  );
  for (let n = 0; n < numUsers && count < wanted; n++) {
    for (const position of order.subarray(start[drawn[n]], start[drawn[n] + 1])) {
      kept[position] = 1;
      if (touched[items[position]] === 0) count++;
      touched[items[position]] = 1;
    }
  }
  return reindexed(
    interactions,
    Int32Array.from({ length }, (_, n) => n).filter((n) => kept[n] === 1),
  );
}
