import {
  type Interactions,
  leaveOneOut,
  OptionError,
  ratioSplit,
  type Split,
  timeSplit,
  wholeSplit,
} from '../index.ts';
import type { SplitOptions } from './args/dataOptions.ts';

/** @throws {OptionError} for options that the split does not read */
export function checkSplitArguments({
  name = 'leave-one-out',
  ratios,
  at,
  validShare,
  order,
}: SplitOptions): void {
  const readers: [flag: string, value: unknown, splits: readonly string[]][] = [
    ['--ratios', ratios, ['ratio', 'time']],
    ['--split-at', at, ['time']],
    ['--valid-share', validShare, ['none']],
    ['--order', order, ['leave-one-out', 'ratio']],
  ];
  const unread = readers.find(([, value, splits]) => value !== undefined && !splits.includes(name));
  if (unread)
    throw new OptionError(
      unread[0],
      `expected --split ${unread[2].join(' or ')} beside it, received ${name}`,
      'Add it',
    );
  if (ratios && at)
    throw new OptionError('--split-at', 'expected no --ratios beside it, received both', 'Leave one out');
}

/** What decides a split, apart from its seed, for reports. */
export function splitSettings({
  name = 'leave-one-out',
  order = 'random',
  ratios,
  at,
  validShare,
}: SplitOptions) {
  if (name === 'none') return { name, ...(validShare !== undefined && { validShare }) };
  if (name === 'time') return { name, ...(at ? { at } : { ratios: ratios ?? RATIOS }) };
  return { name, order, ...(name === 'ratio' && { ratios: ratios ?? RATIOS }) };
}

const RATIOS: readonly number[] = [0.8, 0.1, 0.1];

/** What splits are made of: interactions and how they are cut, or the parts of a ready-made split. */
export type SplitSource = { readonly whole: Interactions; readonly options: SplitOptions } | Split;

/** The split of a seed, in the order of the options unless another is named; a ready-made one is the same for all. */
export function splitsOf(source: SplitSource): (seed: number, order?: SplitOptions['order']) => Split {
  if ('train' in source) return () => source;
  const { whole, options } = source;
  return (seed, order = options.order) => splitOf(whole, { ...options, order }, seed);
}

/** The split that the options ask for. */
function splitOf(interactions: Interactions, options: SplitOptions, seed: number): Split {
  const { name, order = 'random', ratios, at, validShare } = options;
  switch (name) {
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
