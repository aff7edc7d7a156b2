import { DataError } from '../errors.ts';
import { argument, arrayOf, checkArgument, having, NUMBER, TEXT } from '../options/arguments.ts';
import { number } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';
import { resolveOptions } from '../options/resolve.ts';
import { checkIsSplit } from './argumentKinds.ts';
import { Interactions } from './interactions.ts';
import type { Split } from './splits.ts';

/**
 * An interaction that was not seen but supposed, by a chat model or anything else.
 *
 * @example
 * const edges: SupposedEdge[] = [{ user: 'u1', item: 'i2', sign: 1, weight: 0.5 }];
 * const { split: augmented } = augmentSplit(split, edges);
 */
export interface SupposedEdge {
  readonly user: string;
  readonly item: string;
  /** 1: liked, −1: disliked. */
  readonly sign: 1 | -1;
  /** How much a liked one counts beside one that was seen. Default 1. */
  readonly weight?: number;
}

/**
 * Options of `augmentSplit`.
 *
 * @example
 * const options: AugmentSplitOptions = { weight: 0.3 };
 */
export interface AugmentSplitOptions {
  /** Times the weight of every edge. Default 1. */
  readonly weight?: number;
}

/**
 * What became of edges.
 *
 * @example
 * const counts: AugmentedCounts = augmentSplit(split, [{ user: 'u1', item: 'i2', sign: -1 }]).counts;
 * counts.disliked; // → 1
 */
export interface AugmentedCounts {
  /** Added to training, and to what is disliked. */
  readonly liked: number;
  readonly disliked: number;
  /** Of users or items that the split does not have. */
  readonly unknown: number;
  /** Pairs that the training has already, or that were given before. */
  readonly known: number;
  /** Pairs that are held out for validation or test: they stay there. */
  readonly heldOut: number;
}

const OPTIONS = {
  weight: number({ about: 'times the weight of every edge', above: 0, default: 1 }),
} satisfies DescriptorsOf<AugmentSplitOptions>;

const SIGN = argument('1 or −1', (value) => value === 1 || value === -1);
const WEIGHT = argument(
  'a number > 0',
  (value) => value === undefined || (NUMBER.is(value) && value > 0 && Number.isFinite(value)),
);
const EDGES = arrayOf(
  'a list of edges { user, item, sign, weight }',
  having<SupposedEdge>('an edge', { user: TEXT, item: TEXT, sign: SIGN, weight: WEIGHT }),
);

/**
 * The split with supposed interactions in its training part: liked ones as positives of their weight (an epoch draws pairs in
 * proportion to weights), disliked ones among `disliked`, which `negatives: 'disliked'` draws from. Validation and test stay as
 * they are, and so does `had`: what is only supposed is still recommended. Measure on the split without the edges, whose
 * rankings leave out nothing that is supposed.
 *
 * @throws {OptionError} for other arguments
 * @throws {DataError} when no edge is of a user and an item of the split
 * @example
 * const { split: augmented, counts } = augmentSplit(split, [{ user: 'u1', item: 'i2', sign: 1, weight: 0.5 }]);
 * const trained = await train({ split: augmented, embeddings }, { model: 'ease' });
 */
export function augmentSplit(
  split: Split,
  edges: readonly SupposedEdge[],
  options: AugmentSplitOptions = {},
): { readonly split: Split; readonly counts: AugmentedCounts } {
  checkIsSplit(split, 'augmentSplit');
  checkArgument(EDGES, edges, 'edges', 'augmentSplit');
  const { weight: times } = resolveOptions(OPTIONS, options, 'augmentSplit');
  const { train, valid, test } = split;
  const key = (user: number, item: number) => user * train.numItems + item;
  const keysOf = (part: Interactions | undefined) =>
    new Set(part ? Array.from(part.users, (user, n) => key(user, part.items[n])) : []);
  const known = new Set([...keysOf(train), ...keysOf(split.disliked)]);
  const held = new Set([...keysOf(valid), ...keysOf(test)]);
  const counts = { liked: 0, disliked: 0, unknown: 0, known: 0, heldOut: 0 };
  const added: { user: number; item: number; sign: number; weight: number }[] = [];
  for (const { user: userId, item: itemId, sign, weight = 1 } of edges) {
    const [user, item] = [train.userIndex(userId), train.itemIndex(itemId)];
    if (user === undefined || item === undefined) counts.unknown++;
    else if (held.has(key(user, item))) counts.heldOut++;
    else if (known.has(key(user, item))) counts.known++;
    else {
      known.add(key(user, item));
      counts[sign === 1 ? 'liked' : 'disliked']++;
      added.push({ user, item, sign, weight: times * weight });
    }
  }
  if (edges.length > 0 && counts.unknown === edges.length) {
    const problem = `expected edges of users and items of the split, received ${edges.length} of others`;
    throw new DataError('augmentSplit', problem, 'Check that they are of the same data');
  }
  const liked = added.filter(({ sign }) => sign === 1);
  const disliked = added.filter(({ sign }) => sign === -1);
  return {
    split: {
      ...split,
      train: liked.length > 0 ? withLiked(train, liked) : train,
      had: split.had ?? joined([train, valid, test]),
      ...(disliked.length > 0 && { disliked: withDisliked(train, split.disliked, disliked) }),
    },
    counts,
  };
}

interface Added {
  readonly user: number;
  readonly item: number;
  readonly weight: number;
}

function withLiked(train: Interactions, added: readonly Added[]): Interactions {
  const { userTable, itemTable, timestamps } = train;
  const weights = train.weights ?? new Float32Array(train.length).fill(1);
  // Supposed interactions have no time: they stand before those that were seen.
  const first = timestamps?.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY) ?? 0;
  return new Interactions({
    ...{ userTable, itemTable },
    users: Int32Array.from([...train.users, ...added.map(({ user }) => user)]),
    items: Int32Array.from([...train.items, ...added.map(({ item }) => item)]),
    timestamps: timestamps && Float64Array.from([...timestamps, ...added.map(() => first)]),
    weights: Float32Array.from([...weights, ...added.map(({ weight }) => weight)]),
  });
}

function withDisliked(
  { userTable, itemTable }: Interactions,
  before: Interactions | undefined,
  added: readonly Added[],
): Interactions {
  return new Interactions({
    ...{ userTable, itemTable },
    users: Int32Array.from([...(before?.users ?? []), ...added.map(({ user }) => user)]),
    items: Int32Array.from([...(before?.items ?? []), ...added.map(({ item }) => item)]),
  });
}

/** The pairs of disjoint parts. */
function joined(parts: readonly Interactions[]): Interactions {
  const [{ userTable, itemTable }] = parts;
  return new Interactions({
    ...{ userTable, itemTable },
    users: Int32Array.from(parts.flatMap(({ users }) => Array.from(users))),
    items: Int32Array.from(parts.flatMap(({ items }) => Array.from(items))),
  });
}
