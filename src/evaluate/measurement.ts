import type { ExclusionMask } from '../rank/masks.ts';
import type { RankedView } from '../rank/ranker.ts';
import type { Turns } from '../runtime/turns.ts';
import type { BeyondAccuracy } from './beyondAccuracy.ts';
import type { MetricsResult } from './metrics.ts';
import { MetricsAccumulator } from './metricsAccumulator.ts';
import { type RankingTask, rowOf } from './rankingTask.ts';

/** Users that are ranked before the event loop may have a turn. */
const TURN_USERS = 512;

/** Users whose ties are looked for at a time: their lists may be as long as the catalogue. */
const TIED_USERS = 8;

/**
 * Metrics of every user that has a relevant item.
 * @param query what the ranker takes for a user: a final row, or a query
 * @throws the reason of the turns' signal once it is aborted
 */
export async function measure<Q>(
  ranker: QueryRanker<Q>,
  query: (user: number) => Q,
  task: RankingTask,
  ks: readonly number[],
  turns: Turns,
  usersPerTurn?: number,
): Promise<MetricsResult> {
  const measured = new Measurement(task, ks);
  for (const turn of measured.turns(usersPerTurn)) {
    await turns.offer();
    measured.measure(turn, rankUsers(ranker, query));
  }
  return measured.result();
}

/** What ranks items for queries: a `Ranker` for rows, an `OpenScorer` for queries. */
export interface QueryRanker<Q> {
  rank(
    count: number,
    k: number,
    query: (n: number) => Q,
    mask: (n: number, excluded: ExclusionMask) => void,
    visit: (n: number, ranked: RankedView) => void,
  ): void;
}

/** Ranks for users what a ranker ranks for their queries. */
export function rankUsers<Q>(ranker: QueryRanker<Q>, query: (user: number) => Q): RankUsers {
  return (users, k, exclude, visit) =>
    ranker.rank(
      users.length,
      k,
      (n) => query(users[n]),
      (n, excluded) => exclude(users[n], excluded),
      (n, ranked) => visit(users[n], ranked),
    );
}

/** Ranks the k best items for some users. */
export type RankUsers = (
  users: readonly number[],
  k: number,
  exclude: (user: number, excluded: ExclusionMask) => void,
  visit: (user: number, ranked: RankedView) => void,
) => void;

/** Whom a task ranks for, what it leaves out and what it finds. */
export class Measurement {
  /** Users with a relevant item, ascending. */
  readonly #users: readonly number[];
  readonly #maxK: number;
  readonly #task: RankingTask;
  readonly #accumulator: MetricsAccumulator;
  readonly #lists: BeyondAccuracy | null;

  /** @param lists where ranked lists go beside; null: nowhere */
  constructor(task: RankingTask, ks: readonly number[], lists: BeyondAccuracy | null = null) {
    this.#lists = lists;
    const { rows, rowPtr } = task.relevant;
    this.#accumulator = new MetricsAccumulator(rows, ks);
    this.#task = task;
    this.#maxK = ks[ks.length - 1];
    this.#users = Array.from({ length: rows }, (_, user) => user).filter(
      (user) => rowPtr[user] < rowPtr[user + 1],
    );
  }

  /** Items that are ranked as a rule: one more than the largest cut-off. */
  get depth(): number {
    return this.#maxK + 1;
  }

  /** All users, a turn's worth at a time. */
  *turns(most = TURN_USERS): Generator<readonly number[]> {
    for (let first = 0; first < this.#users.length; first += most)
      yield this.#users.slice(first, first + most);
  }

  /**
   * Ranks one item more than the largest cut-off. Where that one has the score of the item before it, the tie goes on
   * beyond the list, and such users are ranked again, deeper and deeper, until its end is seen.
   */
  measure(users: readonly number[], rank: RankUsers): void {
    let { depth } = this;
    let open = this.#measureTo(depth, users, rank);
    while (open.length > 0) {
      depth *= 2;
      const again = open;
      open = [];
      for (let first = 0; first < again.length; first += TIED_USERS)
        open.push(...this.#measureTo(depth, again.slice(first, first + TIED_USERS), rank));
    }
  }

  result(): MetricsResult {
    const result = this.#accumulator.result();
    return this.#lists ? { ...result, beyond: this.#lists.result() } : result;
  }

  /** @returns the users whose tie at the largest cut-off goes on beyond `depth` */
  #measureTo(depth: number, users: readonly number[], rank: RankUsers): number[] {
    const open: number[] = [];
    const { relevant, masked } = this.#task;
    const exclude = (user: number, excluded: ExclusionMask) => {
      for (const csr of masked) excluded.exclude(rowOf(csr, user));
    };
    rank(users, depth, exclude, (user, { items, scores }) => {
      const last = scores[Math.min(this.#maxK, items.length) - 1];
      const length = items.length;
      if (length === depth && scores[length - 1] === last) open.push(user);
      else {
        this.#accumulator.add(user, items, rowOf(relevant, user), { scores });
        this.#lists?.add(user, items);
      }
    });
    return open;
  }
}
