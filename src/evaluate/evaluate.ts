import { checkAreTables } from '../data/argumentKinds.ts';
import { interactionsToCsr } from '../data/csr.ts';
import type { NodeTables } from '../data/nodeTables.ts';
import { checkIdTables } from '../data/readySplit.ts';
import type { Split } from '../data/splits.ts';
import { DataError, OptionError, ShapeError, shown } from '../errors.ts';
import { firstNonFinite } from '../format/finite.ts';
import { boolean, integer, listOf, oneOf } from '../options/builders.ts';
import type { DescriptorsOf, Resolved } from '../options/descriptor.ts';
import { SIGNAL } from '../options/kinds.ts';
import { resolveOptions } from '../options/resolve.ts';
import type { ExclusionMask } from '../rank/masks.ts';
import { type RankedView, type Ranker, rankerBytes } from '../rank/ranker.ts';
import type { Scorer } from '../rank/scorer.ts';
import { TableScorer } from '../rank/tableScorer.ts';
import { load, type Runtime } from '../runtime/load.ts';
import { RUNTIME } from '../runtime/option.ts';
import { Turns } from '../runtime/turns.ts';
import { tableBytes } from '../runtime/workspace.ts';
import { BeyondAccuracy } from './beyondAccuracy.ts';
import type { MetricsResult } from './metrics.ts';
import { MetricsAccumulator } from './metricsAccumulator.ts';
import { type RankingTask, rankingTask, rowOf } from './rankingTask.ts';

/**
 * `standard`: items the user has already are left out of the ranking (training items at validation, training and
 * validation items at test). `paper`: nothing is left out, as the authors' configuration does (RecBole
 * `repeatable: True`); a user's training items compete with the held-out one.
 */
export type Protocol = 'standard' | 'paper';

/** All values of `Protocol`. */
export const PROTOCOLS: readonly Protocol[] = ['standard', 'paper'];

/** The option `protocol` of `fit` and `evaluate`. */
export const PROTOCOL = oneOf(PROTOCOLS, {
  ...{
    about: 'whether items that a user has already are ranked',
    flag: '--protocol <name>',
    default: 'standard',
  },
});

/** Options of `evaluate` and `evaluateScorer`. */
export interface EvaluateOptions {
  /** Which held-out interactions are looked for. Default `test`. */
  readonly part?: 'valid' | 'test';
  /** Default `standard`. */
  readonly protocol?: Protocol;
  /** Cut-offs. Default 10, 20, 50. */
  readonly ks?: readonly number[];
  /**
   * What `standard` leaves out of a user's ranking. `liked`: training items, and validation items at test, as published
   * numbers do. `had`: what the user met and did not like as well (`Split.had`), as serving does. Default `liked`.
   */
  readonly seen?: 'liked' | 'had';
  /** Whether coverage, novelty and diversity are measured, too. Default false. */
  readonly beyond?: boolean;
  readonly runtime?: Runtime;
  /** Checked now and then while users are ranked. */
  readonly signal?: AbortSignal;
}

/** Users that are ranked before the event loop may have a turn. */
const TURN_USERS = 512;

/** Users whose ties are looked for at a time: their lists may be as long as the catalogue. */
const TIED_USERS = 8;

/** Cut-offs of the paper's tables. */
export const CUTOFFS: readonly number[] = [10, 20, 50];

/** Every option of `evaluate`. */
export const EVALUATE_OPTIONS = {
  part: oneOf(['valid', 'test'], { about: 'which held-out interactions are looked for', default: 'test' }),
  protocol: PROTOCOL,
  ks: listOf(integer({ about: 'a cut-off', min: 1 }), {
    about: 'cut-offs, ascending',
    min: 1,
    default: CUTOFFS,
  }),
  seen: oneOf(['liked', 'had'], {
    about: 'what standard leaves out of a ranking',
    flag: '--seen <what>',
    default: 'liked',
  }),
  beyond: boolean({ about: 'coverage, novelty and diversity', flag: '--beyond', default: false }),
  runtime: RUNTIME,
  signal: SIGNAL,
} satisfies DescriptorsOf<EvaluateOptions>;

/**
 * Ranks all items for every user with a held-out item and measures where the held-out items stand.
 * @throws {OptionError} on an unknown protocol or part, or invalid cut-offs
 * @throws {ShapeError} when factors and split differ in users or items
 * @throws {DataError} on NaN or Inf in the factors, or when nothing is held out
 */
export async function evaluate(
  factors: NodeTables,
  split: Split,
  options: EvaluateOptions = {},
): Promise<MetricsResult> {
  checkIdTables(split, 'evaluate');
  checkAreTables(factors, 'evaluate', 'Pass the factors of what fit gives');
  const { dim, users, items } = factors;
  const { numUsers, numItems } = split.train;
  checkFactors('users', users, numUsers, dim);
  checkFactors('items', items, numItems, dim);
  const resolved = resolveOptions(EVALUATE_OPTIONS, options, 'evaluate');
  const { ks, runtime = await load() } = resolved;
  const maxK = Math.min(ks[ks.length - 1] + 1, numItems);
  const bytes = tableBytes(numItems, dim) + rankerBytes(numItems, dim, maxK, 'many');
  return rankAndMeasure(new TableScorer('evaluate', factors), split, resolved, runtime, bytes);
}

/**
 * As `evaluate`, for any scorer. A user's history is what the user has in the training part.
 * @throws as `evaluate`
 */
export async function evaluateScorer(
  scorer: Scorer,
  split: Split,
  options: EvaluateOptions = {},
): Promise<MetricsResult> {
  checkIdTables(split, 'evaluate');
  if (typeof scorer?.numItems !== 'number') {
    const problem = `expected a scorer, received ${shown(scorer)}`;
    throw new OptionError('evaluate', problem, 'Pass e.g. await itemKnn(split.train)');
  }
  const { numItems } = split.train;
  if (scorer.numItems !== numItems) {
    const problem = `expected scores of ${numItems} items from ${scorer.name}, received ${scorer.numItems}`;
    throw new ShapeError('evaluate', problem, 'Evaluate on the split that the model was trained on');
  }
  const resolved = resolveOptions(EVALUATE_OPTIONS, options, 'evaluate');
  return rankAndMeasure(scorer, split, resolved, resolved.runtime ?? (await load()), 0);
}

/** @param bytes of workspace that are known to be needed */
async function rankAndMeasure(
  scorer: Scorer,
  split: Split,
  { part, protocol, ks, seen, beyond, signal }: Resolved<typeof EVALUATE_OPTIONS>,
  runtime: Runtime,
  bytes: number,
): Promise<MetricsResult> {
  const lists = beyond ? new BeyondAccuracy(split.train, ks) : null;
  const measured = new Measurement(rankingTask(split, part, protocol, seen), ks, lists);
  const histories = interactionsToCsr(split.train);
  const workspace = runtime.open(bytes, 'evaluate');
  try {
    const open = scorer.open(workspace, 'many');
    const turns = new Turns(signal);
    const rank: RankUsers = (users, k, exclude, visit) =>
      open.rank(
        users.length,
        k,
        (n) => ({ user: users[n], history: rowOf(histories, users[n]) }),
        (n, excluded) => exclude(users[n], excluded),
        (n, ranked) => visit(users[n], ranked),
      );
    for (const users of measured.turns()) {
      await turns.offer();
      measured.measure(users, rank);
    }
    return measured.result();
  } finally {
    workspace.close();
  }
}

/**
 * Metrics of every user that has a relevant item; `query` gives a user's final row, length dim.
 * @throws the reason of the turns' signal once it is aborted
 */
export async function measure(
  ranker: Ranker,
  query: (user: number) => Float32Array,
  task: RankingTask,
  ks: readonly number[],
  turns: Turns,
): Promise<MetricsResult> {
  const measured = new Measurement(task, ks);
  for (const turn of measured.turns()) {
    await turns.offer();
    measured.measure(turn, (users, k, exclude, visit) =>
      ranker.rank(
        users.length,
        k,
        (n) => query(users[n]),
        (n, excluded) => exclude(users[n], excluded),
        (n, ranked) => visit(users[n], ranked),
      ),
    );
  }
  return measured.result();
}

/** Ranks the k best items for some users. */
type RankUsers = (
  users: readonly number[],
  k: number,
  exclude: (user: number, excluded: ExclusionMask) => void,
  visit: (user: number, ranked: RankedView) => void,
) => void;

/** Whom a task ranks for, what it leaves out and what it finds. */
class Measurement {
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

  /** All users, a turn's worth at a time. */
  *turns(): Generator<readonly number[]> {
    for (let first = 0; first < this.#users.length; first += TURN_USERS)
      yield this.#users.slice(first, first + TURN_USERS);
  }

  /**
   * Ranks one item more than the largest cut-off. Where that one has the score of the item before it, the tie goes on
   * beyond the list, and such users are ranked again, deeper and deeper, until its end is seen.
   */
  measure(users: readonly number[], rank: RankUsers): void {
    let depth = this.#maxK + 1;
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

function checkFactors(what: string, factors: Float32Array, rows: number, dim: number): void {
  if (!Number.isSafeInteger(dim) || dim < 1 || factors.length !== rows * dim) {
    throw new ShapeError(
      'evaluate',
      `expected ${rows} × ${dim} ${what} factors with dim ≥ 1, received ${factors.length} numbers`,
      'Evaluate on the split that the model was trained on',
    );
  }
  const at = firstNonFinite(factors);
  if (at < 0) return;
  throw new DataError(
    'evaluate',
    `expected finite factors, received ${factors[at]} in row ${Math.floor(at / dim)} of the ${what} factors`,
    'The training diverged: lower the learning rate or the scale of the initial rows',
  );
}
