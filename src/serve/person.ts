import { DataError, OptionError, shown } from '../errors.ts';
import { checkedHistory, checkOrdered, type History, historyWeights } from './history.ts';
import { inOrder } from './historyOrder.ts';
import { oldestFirst } from './people.ts';
import type { RecommendOptions } from './recommendOptions.ts';
import type { FactorTable } from './scoring/factorTable.ts';
import type { PersonQuery } from './scoring/modelScorer.ts';
import type { ServingState } from './servingState.ts';

/** Somebody, as far as the model knows. */
export interface Person {
  readonly basis: 'user' | 'history';
  /** The person's number in the model, −1 for a history. */
  readonly user: number;
  readonly query: PersonQuery;
  /** Items that the person has, and those of them that are liked. */
  readonly had: readonly number[];
  readonly liked: readonly number[];
  readonly unknownItems: readonly string[];
}

/** Why somebody cannot be recommended to: of what the person likes nothing is known. */
export class UnknownPerson {
  readonly unknownItems: readonly string[];
  readonly error: DataError;
  /** Items that the person has and does not like. */
  readonly had: readonly number[];
  readonly liked: readonly number[] = [];

  constructor(error: DataError, unknownItems: readonly string[] = [], had: readonly number[] = []) {
    this.error = error;
    this.unknownItems = unknownItems;
    this.had = had;
  }
}

const FALLBACK = "or ask for popular items with fallback: 'popular'";

/**
 * The person that an id or a history stands for.
 * @throws {OptionError} for what is neither, and weights, times or a half-life out of range
 * @throws {ShapeError} when weights or times are not as many as items
 * @throws {DataError} for unknown items where they are refused
 */
export function personOf(
  state: ServingState,
  person: string | History,
  { unknown = 'skip' }: RecommendOptions,
  where: string,
): Person | UnknownPerson {
  if (typeof person === 'string') return userOf(state, person, where);
  const given = checkedHistory(person, where);
  const { history, weights, times, halfLife } = given;
  const readsOrder = state.scorer.sequence !== null;
  if (readsOrder) checkOrdered(given, where);
  const amounts = readsOrder ? null : historyWeights(history, weights, times, halfLife, where);
  const sums = new Map<number, number>();
  const unknownItems: string[] = [];
  for (const [n, id] of history.entries()) {
    const item = state.catalogue.ids.find(id);
    if (item < 0) unknownItems.push(id);
    else sums.set(item, amounts ? (sums.get(item) ?? 0) + amounts[n] : 1);
  }
  if (unknownItems.length > 0 && unknown === 'error') refuseItem(state, unknownItems[0], where);
  const items = [...sums.keys()].sort((a, b) => a - b);
  if (items.length === 0) return new UnknownPerson(emptyHistory(state, unknownItems, where), unknownItems);
  const counts = amounts && items.map((item) => sums.get(item)!);
  if (counts?.every((count) => count === 0)) {
    const problem = 'expected a weight that is not 0, received zeros';
    throw new DataError(where, problem, `Give an item a weight, ${FALLBACK}`, 'weights');
  }
  const query = queryOf(state, null, items, counts, readsOrder ? inOrder(state, given) : items);
  return { basis: 'history', user: -1, query, had: items, liked: items, unknownItems };
}

function userOf(state: ServingState, id: string, where: string): Person | UnknownPerson {
  const { people } = state;
  const user = people.ids.find(id);
  if (user < 0) {
    const problem = `expected one of the model's ${people.ids.present().length} users, received ${shown(id)}`;
    return new UnknownPerson(
      new DataError(where, problem, `For a new user pass a history of items, ${FALLBACK}`),
    );
  }
  if (!people.isKnown) {
    throw new OptionError(
      where,
      'expected user factors or histories, received a model with neither',
      'Use recommendFor with a history, or save the model with its users',
    );
  }
  const own = people.itemsOf(user);
  const { items, liked } = own;
  const present = (item: number) => state.catalogue.ids.isPresent(item);
  const likes = items.filter((item, n) => liked[n] && present(item));
  const row = people.rowOf(user);
  if (likes.length === 0 && (row === null || row.every((value) => value === 0))) {
    const problem = `expected a user who likes an item of the model, received ${shown(id)}`;
    return new UnknownPerson(new DataError(where, problem, `Add interactions, ${FALLBACK}`), [], items);
  }
  const ordered = oldestFirst(own).filter(([item, isLiked]) => isLiked && present(item));
  return {
    basis: 'user',
    user,
    query: queryOf(
      state,
      row,
      likes,
      null,
      ordered.map(([item]) => item),
    ),
    had: items,
    liked: likes,
    unknownItems: [],
  };
}

function queryOf(
  { scorer }: ServingState,
  row: Float32Array | null,
  likes: readonly number[],
  weights: readonly number[] | null,
  ordered: readonly number[],
): PersonQuery {
  const { factors, sequence } = scorer;
  if (sequence?.scores) return { row: null, likes, weights, ordered };
  if (sequence) return { row: sequence.row(ordered), likes, weights, ordered };
  return { row: row ?? (factors && foldIn(factors, likes, weights)), likes, weights };
}

/**
 * The final row of somebody who was not in training: the mean of the final rows of the history's items (LLMInit, Eq. 1,
 * applied to Z), or Σ w z / Σ |w| with weights. On amazon-office it ranks as well as the rows that training gives its own
 * users, and better than weights 1/√dᵢ or a ridge fit to the history. Sums in float64 in the given order; zeros without
 * items.
 */
export function foldIn(
  factors: FactorTable,
  items: readonly number[],
  weights: readonly number[] | null = null,
): Float32Array<ArrayBuffer> {
  const sum = new Float64Array(factors.dim);
  let total = 0;
  for (const [n, item] of items.entries()) {
    const row = factors.row(item);
    const weight = weights?.[n] ?? 1;
    total += Math.abs(weight);
    for (let c = 0; c < row.length; c++) sum[c] += weight * row[c];
  }
  return Float32Array.from(sum, (value) => value / (total || 1));
}

function emptyHistory(
  { catalogue }: ServingState,
  unknownItems: readonly string[],
  where: string,
): DataError {
  if (unknownItems.length === 0) {
    const problem = 'expected at least one item in the history, received none';
    return new DataError(where, problem, `Pass item ids, ${FALLBACK}`, 'history');
  }
  const total = catalogue.ids.present().length;
  const problem = `expected an item of the model (${total} of them) in the history, received ${shown(unknownItems[0])}`;
  const more = unknownItems.length > 1 ? ` and ${unknownItems.length - 1} others that it does not have` : '';
  return new DataError(where, problem + more, `Pass other items, ${FALLBACK}`, 'history');
}

/** @throws {DataError} for an item that the model does not have */
export function refuseItem({ catalogue }: ServingState, id: string, where: string): never {
  throw new DataError(
    where,
    `expected items of the model (${catalogue.ids.present().length} of them), received ${shown(id)}`,
    'Leave unknown items out, or train again with them',
  );
}

/** The items of a person that are left out. */
export function leftOut(
  { had, liked }: Pick<Person, 'had' | 'liked'>,
  { seen, includeSeen }: RecommendOptions,
): readonly number[] {
  if (includeSeen || seen === 'none') return [];
  return seen === 'liked' ? liked : had;
}
