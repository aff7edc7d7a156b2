import { DataError, OptionError, shown } from '../errors.ts';
import { ItemSet } from './itemSet.ts';
import type { Recommendation } from './recommendation.ts';
import type { GroupLimit, RecommendOptions } from './recommendOptions.ts';
import type { Ranked } from './scoring/factorTable.ts';
import type { ScoreBoost } from './scoring/modelScorer.ts';
import type { ServingState } from './servingState.ts';
import type { Column } from './where/columns.ts';
import { checkedWhere, typeOf, type Where } from './where/expression.ts';
import { parseWhere } from './where/parse.ts';

/** Items that come back where `k` is left out. */
const DEFAULT_K = 10;

/** Ranks the items that are not excluded. */
export type Rank = (excluded: Uint8Array, k: number) => Ranked;

/**
 * The bits of the items that a call may not return.
 * @param known items that the person has and that are left out
 */
export function excludedItems(
  state: ServingState,
  { exclude, only, where }: RecommendOptions,
  known: Iterable<number>,
): Uint8Array<ArrayBuffer> {
  const excluded = state.catalogue.excluded();
  if (only) keepOnly(excluded, itemBits(state, only));
  if (where !== undefined) keepOnly(excluded, whereBits(state, where));
  for (const item of known) excluded[item >> 3] |= 1 << (item & 7);
  if (exclude) {
    for (const item of exclude instanceof ItemSet ? ownItems(state, exclude) : foundItems(state, exclude))
      excluded[item >> 3] |= 1 << (item & 7);
  }
  return excluded;
}

/** A bit for each item that meets an expression. @throws {OptionError} for an expression that does not fit the columns */
export function whereBits({ catalogue }: ServingState, where: Where | string): Uint8Array {
  const key = typeof where === 'string' ? where : JSON.stringify(where);
  return catalogue.where(key, () =>
    typeof where === 'string' ? parseWhere(where, catalogue.types) : checkedWhere(where, catalogue.types),
  );
}

/** What boosts add. */
export function boostsOf(state: ServingState, { boost = [] }: RecommendOptions): ScoreBoost[] {
  return boost.map(({ where, by }) => ({ items: whereBits(state, where), by }));
}

/** The items of one page: after `offset`, with at most so many a group, none below `minScore`. */
export function rankPage(
  state: ServingState,
  excluded: Uint8Array,
  { k = DEFAULT_K, offset = 0, maxPerGroup, minScore }: RecommendOptions,
  rank: Rank,
): Ranked {
  const wanted = Math.min(k + offset, state.catalogue.numItems);
  const { items, scores } = maxPerGroup
    ? rankGroups(state, excluded, maxPerGroup, wanted, rank)
    : rank(excluded, wanted);
  const last = minScore === undefined ? scores.length : scores.findIndex((score) => score < minScore);
  const end = last < 0 ? scores.length : last;
  return { items: items.slice(offset, end), scores: scores.slice(offset, end) };
}

/** Whether fewer items came back than were asked for. */
export function isShort(items: readonly unknown[], { k = DEFAULT_K }: RecommendOptions): boolean {
  return items.length < k;
}

/** The best items one by one, each passed over whose group is full: a group that is full is excluded, and ranked again. */
function rankGroups(
  state: ServingState,
  excluded: Uint8Array,
  { by, max }: GroupLimit,
  wanted: number,
  rank: Rank,
): Ranked {
  typeOf(by, state.catalogue.types);
  const column = state.catalogue.columns()[by];
  if (column.type === 'tags') {
    const problem = `expected maxPerGroup.by to be a column with one value an item, received ${shown(by)}, which has tags`;
    throw new OptionError('recommend', problem, 'Use a column of texts, numbers or booleans', 'maxPerGroup');
  }
  const left = excluded.slice();
  const items: number[] = [];
  const scores: number[] = [];
  const counts = new Map<unknown, number>();
  for (let isMore = true; isMore && items.length < wanted; ) {
    const found = rank(left, wanted - items.length);
    isMore = found.items.length > 0;
    const full = new Set<unknown>();
    for (const [n, item] of found.items.entries()) {
      left[item >> 3] |= 1 << (item & 7);
      const group = column.get(item);
      const count = counts.get(group) ?? 0;
      if (group !== null && count >= max) continue;
      counts.set(group, count + 1);
      if (group !== null && count + 1 === max) full.add(group);
      items.push(item);
      scores.push(found.scores[n]);
    }
    if (full.size > 0) excludeGroups(left, column, full, state.catalogue.numItems);
  }
  return { items: Int32Array.from(items), scores: Float32Array.from(scores) };
}

function excludeGroups(
  excluded: Uint8Array,
  column: Column,
  groups: ReadonlySet<unknown>,
  numItems: number,
): void {
  for (let item = 0; item < numItems; item++)
    if (groups.has(column.get(item))) excluded[item >> 3] |= 1 << (item & 7);
}

/**
 * Numbers that are finite one by one may overflow together, and what is not a number has no place in an order.
 * @throws {DataError} unless a score is finite
 */
export function checkScore({ catalogue }: ServingState, item: number, score: number): void {
  if (Number.isFinite(score)) return;
  const problem = `expected scores that f32 can hold, received ${score} for the item ${shown(catalogue.ids.at(item))}`;
  throw new DataError(
    'recommend',
    problem,
    'The numbers of the model are too large: scale them down, or train anew',
  );
}

/** Items as a caller gets them. @throws {DataError} for scores that are not finite */
export function described(state: ServingState, { items, scores }: Ranked): Recommendation[] {
  const { catalogue } = state;
  const list: Recommendation[] = [];
  for (let n = 0; n < items.length; n++) {
    const item = items[n];
    checkScore(state, item, scores[n]);
    const one = { id: catalogue.ids.at(item), title: catalogue.titleOf(item), score: scores[n] };
    list.push(catalogue.isCold(item) ? { ...one, cold: true } : one);
  }
  return list;
}

function itemBits(state: ServingState, ids: readonly string[] | ItemSet): Uint8Array {
  if (ids instanceof ItemSet) {
    ownItems(state, ids);
    return ids.bits;
  }
  const bits = new Uint8Array(state.catalogue.excluded().length);
  for (const item of foundItems(state, ids)) bits[item >> 3] |= 1 << (item & 7);
  return bits;
}

function* foundItems({ catalogue }: ServingState, ids: readonly string[]): Generator<number> {
  for (const id of ids) {
    const item = catalogue.ids.find(id);
    if (item >= 0) yield item;
  }
}

function ownItems({ catalogue }: ServingState, set: ItemSet): readonly number[] {
  if (set.owner === catalogue) return set.items;
  throw new OptionError(
    'recommend',
    "expected a set of items of this recommender, received another one's",
    'Make it with its itemSet',
  );
}

/** Excludes what is not allowed; items behind the end of `allowed` are not. */
function keepOnly(excluded: Uint8Array, allowed: Uint8Array): void {
  for (let n = 0; n < excluded.length; n++) excluded[n] |= ~(allowed[n] ?? 0);
}
