import { DataError, OptionError, ShapeError, shown } from '../errors.ts';
import { fractionalPower } from '../runtime/fractionalPower.ts';
import type { RecommendOptions } from './recommendOptions.ts';
import type { FactorTable } from './scoring/factorTable.ts';
import type { PersonQuery } from './scoring/modelScorer.ts';
import type { ServingState } from './servingState.ts';

/** Somebody by what he or she has: a new user, or one whose history has grown. */
export interface History {
  /** Item ids, in any order; repeats count once or, with weights, add up. */
  readonly history: readonly string[];
  /** How much each counts, negative for what is disliked; as many as items. Default: all as much. */
  readonly weights?: readonly number[];
  /** When each was; as many as items, in any unit. */
  readonly times?: readonly number[];
  /** In the unit of `times`: what is so much older than the newest counts half. */
  readonly halfLife?: number;
}

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
  const { history, weights, times, halfLife } = checkedHistory(person, where);
  const amounts = historyWeights(history, weights, times, halfLife, where);
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
  const query = queryOf(state, null, items, counts);
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
  const { items, liked } = people.itemsOf(user);
  const present = (item: number) => state.catalogue.ids.isPresent(item);
  const likes = items.filter((item, n) => liked[n] && present(item));
  const row = people.rowOf(user);
  if (likes.length === 0 && (row === null || row.every((value) => value === 0))) {
    const problem = `expected a user who likes an item of the model, received ${shown(id)}`;
    return new UnknownPerson(new DataError(where, problem, `Add interactions, ${FALLBACK}`), [], items);
  }
  return {
    basis: 'user',
    user,
    query: queryOf(state, row, likes, null),
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
): PersonQuery {
  const { factors } = scorer;
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

function checkedHistory(person: unknown, where: string): History {
  const isHistory =
    Object.prototype.toString.call(person) === '[object Object]' && 'history' in (person as object);
  if (!isHistory) {
    const problem = `expected a user id or { history }, received ${shown(person)}`;
    throw new OptionError(where, problem, "Pass e.g. 'u42' or { history: ['i7'] }");
  }
  const unknown = Object.keys(person as object).find(
    (key) => !['history', 'weights', 'times', 'halfLife'].includes(key),
  );
  if (unknown !== undefined) {
    const problem = `expected { history, weights, times, halfLife }, received ${unknown}`;
    throw new OptionError(where, problem, 'Pass options as the second argument', unknown);
  }
  const { history } = person as History;
  if (Array.isArray(history) && history.every((id) => typeof id === 'string')) return person as History;
  const problem = `expected a list of item ids, received ${shown(history)}`;
  throw new OptionError(where, problem, "Pass e.g. ['i7', 'i9']", 'history');
}

/** How much each entry of a history counts; null: all as much. */
function historyWeights(
  history: readonly string[],
  weights: readonly number[] | undefined,
  times: readonly number[] | undefined,
  halfLife: number | undefined,
  where: string,
): number[] | null {
  checkNumbers(weights, 'weights', history.length, where);
  checkNumbers(times, 'times', history.length, where);
  if ((times === undefined) !== (halfLife === undefined)) {
    const [has, lacks] = times === undefined ? ['halfLife', 'times'] : ['times', 'halfLife'];
    throw new OptionError(where, `expected ${lacks} beside ${has}, received none`, `Pass both`, lacks);
  }
  if (halfLife !== undefined && !(halfLife > 0 && Number.isFinite(halfLife))) {
    const problem = `expected halfLife to be a number > 0, received ${shown(halfLife)}`;
    throw new OptionError(where, problem, 'Pass it in the unit of times', 'halfLife');
  }
  if (!weights && !times) return null;
  const newest = times?.reduce((a, b) => Math.max(a, b), -Infinity) ?? 0;
  return history.map((_, n) => {
    const age = times && halfLife ? (newest - times[n]) / halfLife : 0;
    return (weights?.[n] ?? 1) * halved(age);
  });
}

/** 2^−x for x ≥ 0, the same in every engine. */
function halved(x: number): number {
  const whole = Math.min(Math.floor(x), 1100);
  let result = fractionalPower(0.5, x - Math.floor(x));
  for (let n = 0; n < whole; n++) result /= 2;
  return result;
}

function checkNumbers(values: unknown, name: string, count: number, where: string): void {
  if (values === undefined) return;
  if (!Array.isArray(values) || !values.every((value) => Number.isFinite(value))) {
    const problem = `expected ${name} to be a list of finite numbers, received ${shown(values)}`;
    throw new OptionError(where, problem, `Pass one for each item of the history`, name);
  }
  if (values.length === count) return;
  const problem = `expected ${count} ${name} for ${count} items, received ${values.length}`;
  throw new ShapeError(where, problem, 'Pass one for each item of the history', name);
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
