import { checkAreTables } from '../data/argumentKinds.ts';
import type { NodeTables } from '../data/nodeTables.ts';
import { checkIdTables } from '../data/readySplit.ts';
import { sequencesOf } from '../data/sequences.ts';
import type { Split } from '../data/splits.ts';
import { DataError, OptionError, ShapeError, shown } from '../errors.ts';
import { firstNonFinite } from '../format/finite.ts';
import { boolean, integer, listOf, oneOf } from '../options/builders.ts';
import type { DescriptorsOf, Resolved } from '../options/descriptor.ts';
import { SIGNAL } from '../options/kinds.ts';
import { resolveOptions } from '../options/resolve.ts';
import type { Scorer } from '../rank/scorer.ts';
import { TableScorer } from '../rank/tableScorer.ts';
import { load, type Runtime } from '../runtime/load.ts';
import { RUNTIME } from '../runtime/option.ts';
import { Turns } from '../runtime/turns.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { BeyondAccuracy } from './beyondAccuracy.ts';
import { Measurement, rankUsers } from './measurement.ts';
import type { MetricsResult } from './metrics.ts';
import { rankingTask, rowOf } from './rankingTask.ts';

/**
 * `standard`: items the user has already are left out of the ranking (training items at validation, training and
 * validation items at test). `paper`: nothing is left out, as the authors' configuration does (RecBole
 * `repeatable: True`); a user's training items compete with the held-out one.
 *
 * @example
 * const protocol: Protocol = 'standard';
 * const result = await evaluate(factors, split, { protocol, runtime });
 */
export type Protocol = 'standard' | 'paper';

/**
 * All values of `Protocol`.
 *
 * @example
 * PROTOCOLS; // → ['standard', 'paper']
 */
export const PROTOCOLS: readonly Protocol[] = ['standard', 'paper'];

/** The option `protocol` of `fit` and `evaluate`. */
export const PROTOCOL = oneOf(PROTOCOLS, {
  ...{
    about: 'whether items that a user has already are ranked',
    flag: '--protocol <name>',
    default: 'standard',
  },
});

/**
 * Options of `evaluate` and `evaluateScorer`.
 *
 * @example
 * const options: EvaluateOptions = { ks: [5, 10], seen: 'had', beyond: true, runtime };
 * const { means, beyond } = await evaluate(factors, split, options);
 */
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

/**
 * Cut-offs of the paper's tables.
 *
 * @example
 * CUTOFFS; // → [10, 20, 50]
 */
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
 * @example
 * const { means } = await evaluate(factors, split, { ks: [10], runtime });
 * console.log(means['ndcg@10']);
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
  return rankAndMeasure(new TableScorer('evaluate', factors), split, resolved);
}

/**
 * As `evaluate`, for any scorer. A user's history is what the user has in the training part; for a scorer that reads the order
 * of a history (`readsOrder`) it is in order of time and, at test, ends with the validation part, as next-item models are
 * measured everywhere.
 * @throws as `evaluate`
 * @example
 * const { means } = await evaluateScorer(popularity(split.train), split, { ks: [10], runtime });
 * console.log(means['recall@10']);
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
  return rankAndMeasure(scorer, split, resolved);
}

async function rankAndMeasure(
  scorer: Scorer,
  split: Split,
  { part, protocol, ks, seen, beyond, signal, ...options }: Resolved<typeof EVALUATE_OPTIONS>,
): Promise<MetricsResult> {
  const lists = beyond ? new BeyondAccuracy(split.train, ks) : null;
  const task = rankingTask(split, part, protocol, seen);
  const measured = new Measurement(task, ks, lists);
  const historyOf = scorer.readsOrder
    ? orderedHistories(split, part)
    : (user: number) => rowOf(task.liked, user);
  const runtime = options.runtime ?? (await load());
  const layout = (workspace: Workspace) => scorer.open(workspace, 'many', measured.depth);
  return runtime.use('evaluate', layout, async (open) => {
    open.start();
    const turns = new Turns(signal);
    const rank = rankUsers(open, (user) => ({ user, history: historyOf(user) }));
    for (const users of measured.turns(scorer.usersPerTurn)) {
      await turns.offer();
      measured.measure(users, rank);
    }
    return measured.result();
  });
}

/** What each user has before the part that is looked for, oldest first. */
function orderedHistories({ train, valid }: Split, part: 'valid' | 'test'): (user: number) => Int32Array {
  const { rowPtr, items } = sequencesOf(part === 'test' ? [train, valid] : [train]);
  return (user) => items.subarray(rowPtr[user], rowPtr[user + 1]);
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
