import { DataError, OptionError, ShapeError, shown } from '../errors.ts';
import { type MetricName, type MetricsResult, metricNames, type TiedScores, userMetrics } from './metrics.ts';

const NOT_ADDED = 0;
const LEFT_OUT = 1;
const MEASURED = 2;

/**
 * Gathers the metrics of many users. Users may be added in any order: values are kept by user and summed in
 * user order, so that the means do not depend on how the work was cut up.
 */
export class MetricsAccumulator {
  readonly #ks: readonly number[];
  readonly #names: readonly MetricName[];
  readonly #values: Float64Array;
  readonly #state: Uint8Array;

  /**
   * @param numUsers users are 0 … numUsers−1
   * @param ks cut-offs: integers ≥ 1, ascending, each once
   * @throws {OptionError} if either is invalid
   */
  constructor(numUsers: number, ks: readonly number[]) {
    if (!Number.isSafeInteger(numUsers) || numUsers < 1) {
      throw new OptionError(
        'MetricsAccumulator',
        `expected numUsers to be an integer ≥ 1, received ${shown(numUsers)}`,
        'Pass the number of users of the interactions',
      );
    }
    this.#names = metricNames(ks);
    this.#ks = [...ks];
    this.#values = new Float64Array(numUsers * this.#names.length);
    this.#state = new Uint8Array(numUsers);
  }

  /**
   * Records one user. A user without relevant items is left out of the result, as no metric is defined.
   * @throws {ShapeError} if `user` is not below `numUsers`
   * @throws {DataError} if the user was added before, and as `userMetrics`
   */
  add(user: number, ranked: Int32Array, relevant: ArrayLike<number>, tied?: TiedScores): void {
    if (!Number.isInteger(user) || user < 0 || user >= this.#state.length) {
      throw new ShapeError(
        'MetricsAccumulator.add',
        `expected a user from 0 to ${this.#state.length - 1}, received ${shown(user)}`,
        'Pass user indices of the interactions that numUsers was taken from',
      );
    }
    if (this.#state[user] !== NOT_ADDED) {
      throw new DataError(
        'MetricsAccumulator.add',
        `expected each user once, received user ${user} again`,
        'Rank each user once',
      );
    }
    if (relevant.length === 0) {
      this.#state[user] = LEFT_OUT;
      return;
    }
    this.#values.set(userMetrics(ranked, relevant, this.#ks, tied), user * this.#names.length);
    this.#state[user] = MEASURED;
  }

  /** The values and means so far. @throws {DataError} if no user with a relevant item was added */
  result(): MetricsResult {
    const users = Int32Array.from(this.#state.keys()).filter((user) => this.#state[user] === MEASURED);
    if (users.length === 0) {
      throw new DataError(
        'MetricsAccumulator.result',
        'expected at least one user with a held-out item, received none',
        'Check that the split has validation and test interactions',
      );
    }
    const perUser: Record<MetricName, Float64Array> = {};
    const means: Record<MetricName, number> = {};
    const width = this.#names.length;
    for (const [column, name] of this.#names.entries()) {
      const values = Float64Array.from(users, (user) => this.#values[user * width + column]);
      perUser[name] = values;
      means[name] = values.reduce((sum, value) => sum + value, 0) / values.length;
    }
    return { users, perUser, means };
  }
}
