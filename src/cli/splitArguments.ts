import {
  type Interactions,
  leaveOneOut,
  OptionError,
  ratioSplit,
  type Split,
  timeSplit,
  wholeSplit,
} from '../index.ts';
import type { DataArguments } from './args/commandArguments.ts';

/** @throws {OptionError} for options that the split does not read */
export function checkSplitArguments({
  split = 'leave-one-out',
  ratios,
  splitAt,
  validShare,
  order,
}: DataArguments): void {
  const readers: [flag: string, value: unknown, splits: readonly string[]][] = [
    ['--ratios', ratios, ['ratio', 'time']],
    ['--split-at', splitAt, ['time']],
    ['--valid-share', validShare, ['none']],
    ['--order', order, ['leave-one-out', 'ratio']],
  ];
  const unread = readers.find(([, value, splits]) => value !== undefined && !splits.includes(split));
  if (unread)
    throw new OptionError(
      unread[0],
      `expected --split ${unread[2].join(' or ')} beside it, received ${split}`,
      'Add it',
    );
  if (ratios && splitAt)
    throw new OptionError('--split-at', 'expected no --ratios beside it, received both', 'Leave one out');
}

/** What decides a split, apart from its seed, for reports. */
export function splitSettings({
  split = 'leave-one-out',
  order = 'random',
  ratios,
  splitAt,
  validShare,
}: DataArguments) {
  if (split === 'none') return { name: split, ...(validShare !== undefined && { validShare }) };
  if (split === 'time') return { name: split, ...(splitAt ? { at: splitAt } : { ratios: ratios ?? RATIOS }) };
  return { name: split, order, ...(split === 'ratio' && { ratios: ratios ?? RATIOS }) };
}

const RATIOS: readonly number[] = [0.8, 0.1, 0.1];

/** The split that the arguments ask for. */
export function splitOf(interactions: Interactions, args: DataArguments, seed: number): Split {
  const { split, order = 'random', ratios, splitAt: at, validShare } = args;
  switch (split) {
    case 'none':
      return wholeSplit(interactions, { validShare, seed });
    case 'time':
      return timeSplit(interactions, at ? { at } : { ratios });
    case 'ratio':
      return ratioSplit(interactions, { order, seed, ratios });
    default:
      return leaveOneOut(interactions, { order, seed });
  }
}
