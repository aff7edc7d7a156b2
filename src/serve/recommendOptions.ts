import { OptionError, shown } from '../errors.ts';
import { boolean, integer, number, oneOf } from '../options/builders.ts';
import type { DescriptorsOf, OptionDescriptor } from '../options/descriptor.ts';
import { resolveOptions } from '../options/resolve.ts';
import { ItemSet } from './itemSet.ts';
import type { Where } from './where/expression.ts';

/**
 * At most `max` items that have the same value in a column.
 *
 * @example
 * const maxPerGroup: GroupLimit = { by: 'brand', max: 2 };
 */
export interface GroupLimit {
  /** A column of texts, numbers or booleans; items without a value are of no group. */
  readonly by: string;
  /** An integer ≥ 1. */
  readonly max: number;
}

/**
 * Items whose scores are raised, or lowered.
 *
 * @example
 * const boost: Boost = { where: { sale: true }, by: 0.2 };
 */
export interface Boost {
  readonly where: Where | string;
  /** In standard deviations of the query's scores over all items; negative to lower them. */
  readonly by: number;
}

/**
 * How many items are returned, and which of them may be. Filters apply before ranking: k items come back while k are left.
 *
 * @example
 * const options: RecommendOptions = { k: 5, exclude: ['i1'], seen: 'had' };
 * const items = recommender.recommend('u1', options);
 */
export interface RecommendOptions {
  /** How many items, at most. Default 10. Fewer come back only when fewer are left. */
  readonly k?: number;
  /** Items never to return; ids that the model does not have are nothing to leave out. */
  readonly exclude?: readonly string[] | ItemSet;
  /** The only items that may be returned; ids that the model does not have are not among them. */
  readonly only?: readonly string[] | ItemSet;
  /** What the items must be, by columns that the model keeps: an object, or a text as `category = Books and price < 20`. */
  readonly where?: Where | string;
  /**
   * Which of the items that the person has are left out: everything that was ever `had` (the default), only what is `liked`, or
   * `none`. Of a history all items are liked.
   */
  readonly seen?: 'had' | 'liked' | 'none';
  /** `true` is `seen: 'none'`. */
  readonly includeSeen?: boolean;
  /** Items with a lower score are not returned. */
  readonly minScore?: number;
  /** At most so many items of a group. */
  readonly maxPerGroup?: GroupLimit;
  /** Raises the scores of some items before ranking. */
  readonly boost?: readonly Boost[];
  /** Leaves out the first so many: for the next page. Default 0. */
  readonly offset?: number;
  /** What to return for someone the model knows nothing of: `popular` items, or by default an error. */
  readonly fallback?: 'popular' | 'none';
  /** What to do about items of a history that the model does not have: skip and report them (the default), or refuse. */
  readonly unknown?: 'skip' | 'error';
}

const itemIds = (about: string): OptionDescriptor<readonly string[] | ItemSet, undefined> => ({
  type: 'list',
  range: 'a list of item ids',
  schema: { type: 'array', items: { type: 'string' } },
  about,
  default: undefined,
  check(value, name, where) {
    if (value instanceof ItemSet || (Array.isArray(value) && value.every((id) => typeof id === 'string')))
      return value;
    const problem = `expected ${name} to be a list of item ids, received ${shown(value)}`;
    throw new OptionError(where, problem, "Pass e.g. ['i7', 'i9']", name);
  },
  parse: (text) => text.split(',').map((id) => id.trim()),
});

const where: OptionDescriptor<Where | string, undefined> = {
  type: 'object',
  range: 'an object of conditions by column, or a text',
  schema: { type: ['object', 'string'] },
  about: 'what the items must be, by columns that the model keeps',
  default: undefined,
  check(value, name, place) {
    if (typeof value === 'string' || Object.prototype.toString.call(value) === '[object Object]')
      return value as Where | string;
    const problem = `expected ${name} to be an object or a text, received ${shown(value)}`;
    throw new OptionError(place, problem, "Pass e.g. { category: 'Books' }", name);
  },
  parse: (text) => text,
};

const maxPerGroup: OptionDescriptor<GroupLimit, undefined> = {
  type: 'object',
  range: '{ by: a column, max: an integer ≥ 1 }',
  schema: {
    type: 'object',
    required: ['by', 'max'],
    properties: { by: { type: 'string' }, max: { type: 'integer', minimum: 1 } },
    additionalProperties: false,
  },
  about: 'at most so many items that have the same value in a column',
  default: undefined,
  check(value, name, place) {
    const { by, max } = (value ?? {}) as Partial<GroupLimit>;
    if (typeof by === 'string' && Number.isSafeInteger(max) && (max as number) >= 1)
      return value as GroupLimit;
    const problem = `expected ${name} to be ${maxPerGroup.range}, received ${shown(value)}`;
    throw new OptionError(place, problem, "Pass e.g. { by: 'category', max: 2 }", name);
  },
  parse(text) {
    const [, by, max] = /^(.+):(\d+)$/.exec(text) ?? [];
    return by === undefined ? undefined : { by, max: Number(max) };
  },
};

const boost: OptionDescriptor<readonly Boost[], undefined> = {
  type: 'list',
  range: 'a list of { where, by }',
  schema: {
    type: 'array',
    items: {
      type: 'object',
      required: ['where', 'by'],
      properties: { where: where.schema!, by: { type: 'number' } },
    },
  },
  about: 'raises the scores of some items, by standard deviations of the scores',
  default: undefined,
  check(value, name, place) {
    const isBoost = (one: unknown) => {
      const { where: items, by } = (one ?? {}) as Partial<Boost>;
      return (
        (typeof items === 'string' || (typeof items === 'object' && items !== null)) && Number.isFinite(by)
      );
    };
    if (Array.isArray(value) && value.every(isBoost)) return value;
    const problem = `expected ${name} to be ${boost.range}, received ${shown(value)}`;
    throw new OptionError(place, problem, 'Pass e.g. [{ where: { stock: true }, by: 0.5 }]', name);
  },
  parse: () => undefined,
};

/** The options of `recommend`, declared once: for checks, for HTTP and for the command line. */
export const RECOMMEND_OPTIONS: DescriptorsOf<RecommendOptions> = {
  k: integer({ about: 'how many items, at most', flag: '-k, --top <n>', min: 1, default: 10 }),
  exclude: itemIds('items never to return'),
  only: itemIds('the only items that may be returned'),
  where,
  seen: oneOf(['had', 'liked', 'none'], {
    about: 'which of the items that the person has are left out',
    default: 'had',
  }),
  includeSeen: boolean({ about: 'allow items that the person has already', flag: '--include-seen' }),
  minScore: number({ about: 'items with a lower score are not returned' }),
  maxPerGroup,
  boost,
  offset: integer({ about: 'leaves out the first so many', min: 0, default: 0 }),
  fallback: oneOf(['popular', 'none'], {
    about: 'what to return for someone the model knows nothing of',
    default: 'none',
  }),
  unknown: oneOf(['skip', 'error'], {
    about: 'what to do about unknown items of a history',
    default: 'skip',
  }),
};

/** The options with their defaults. @throws {OptionError} for unknown ones, and values out of range */
export function checkedOptions(
  given: RecommendOptions | undefined,
  place: string,
): RecommendOptions & { readonly k: number } {
  if (given === undefined) return { k: 10 };
  let isKnown = Object.prototype.toString.call(given) === '[object Object]';
  for (const name in given) if (!Object.hasOwn(RECOMMEND_OPTIONS, name)) isKnown = false;
  // Says what is wrong.
  if (!isKnown) resolveOptions(RECOMMEND_OPTIONS, given, place);
  const values = given as Record<string, unknown>;
  for (const name in values) {
    if (values[name] !== undefined)
      (RECOMMEND_OPTIONS as Record<string, OptionDescriptor>)[name].check(values[name], name, place);
  }
  if (given.includeSeen && given.seen !== undefined && given.seen !== 'none') {
    const problem = `expected seen none beside includeSeen, received ${given.seen}`;
    throw new OptionError(place, problem, 'Leave one of them out', 'includeSeen');
  }
  return { ...given, k: given.k ?? 10 };
}
