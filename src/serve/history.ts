import { OptionError, ShapeError, shown } from '../errors.ts';
import { fractionalPower } from '../runtime/fractionalPower.ts';

/**
 * Somebody by what he or she has: a new user, or one whose history has grown.
 *
 * @example
 * const session: History = { history: ['i1', 'i2'], times: [1.7e9, 1.7e9 + 60], halfLife: 3600 };
 * recommender.recommend(session, { k: 3 }).length; // → 3
 */
export interface History {
  /**
   * Item ids; repeats count once or, with weights, add up. Any order, but for a model of sequences (`sasrec`): from the oldest
   * on, or by `times`, a repeated item where it stands last.
   */
  readonly history: readonly string[];
  /** How much each counts, negative for what is disliked; as many as items. Default: all as much. Not for a model of sequences. */
  readonly weights?: readonly number[];
  /** When each was; as many as items, in any unit. */
  readonly times?: readonly number[];
  /** In the unit of `times`: what is so much older than the newest counts half. Not for a model of sequences. */
  readonly halfLife?: number;
}

/** @throws {OptionError} for what is no history */
export function checkedHistory(person: unknown, where: string): History {
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

/** @throws {OptionError} for weights, which a model of sequences has no use for, and times that are not as many as items */
export function checkOrdered({ history, weights, times, halfLife }: History, where: string): void {
  checkNumbers(times, 'times', history.length, where);
  for (const [name, value] of Object.entries({ weights, halfLife })) {
    if (value === undefined) continue;
    const problem = `expected a history in order for a model of sequences, received ${name}`;
    throw new OptionError(
      where,
      problem,
      'Pass what the person likes, the oldest first, or with times',
      name,
    );
  }
}

/** How much each entry of a history counts; null: all as much. */
export function historyWeights(
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
