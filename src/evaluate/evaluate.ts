import { type Csr, interactionsToCsr } from '../data/csr.ts';
import { checkIdTables } from '../data/readySplit.ts';
import type { Split } from '../data/splits.ts';
import { DataError, OptionError, ShapeError, shown } from '../errors.ts';
import { firstNonFinite } from '../format/finite.ts';
import { integer, listOf, oneOf } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';
import { isFloat32Array } from '../options/kinds.ts';
import { resolveOptions } from '../options/resolve.ts';
import { Ranker, rankerBytes } from '../rank/ranker.ts';
import { load, type Runtime } from '../runtime/load.ts';
import { RUNTIME } from '../runtime/option.ts';
import { tableBytes } from '../runtime/workspace.ts';
import { MetricsAccumulator, type MetricsResult, metricNames } from './metrics.ts';

/**
 * `standard`: items the user has already are left out of the ranking (training items at validation, training and
 * validation items at test). `paper`: nothing is left out, as the authors' configuration does (RecBole
 * `repeatable: True`); a user's training items compete with the held-out one.
 */
export type Protocol = 'standard' | 'paper';

export const PROTOCOLS: readonly Protocol[] = ['standard', 'paper'];

/** The option `protocol` of `fit` and `evaluate`. */
export const PROTOCOL = oneOf(PROTOCOLS, {
  ...{
    about: 'whether items that a user has already are ranked',
    flag: '--protocol <name>',
    default: 'standard',
  },
});

/** Final rows of users and items, dense, numUsers × dim and numItems × dim. */
export interface Factors {
  readonly users: Float32Array;
  readonly items: Float32Array;
  readonly dim: number;
}

export interface EvaluateOptions {
  /** Which held-out interactions are looked for. Default `test`. */
  readonly part?: 'valid' | 'test';
  /** Default `standard`. */
  readonly protocol?: Protocol;
  /** Cut-offs. Default 10, 20, 50. */
  readonly ks?: readonly number[];
  readonly runtime?: Runtime;
}

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
  runtime: RUNTIME,
} satisfies DescriptorsOf<EvaluateOptions>;

/** What one evaluation looks for and leaves out. */
export interface RankingTask {
  /** users × items: the held-out items. */
  readonly relevant: Csr;
  /** users × items: items left out of the ranking. */
  readonly masked: readonly Csr[];
}

/**
 * Ranks all items for every user with a held-out item and measures where the held-out items stand.
 * @throws {OptionError} on an unknown protocol or part, or invalid cut-offs
 * @throws {ShapeError} when factors and split differ in users or items
 * @throws {DataError} on NaN or Inf in the factors, or when nothing is held out
 */
export async function evaluate(
  factors: Factors,
  split: Split,
  options: EvaluateOptions = {},
): Promise<MetricsResult> {
  checkIdTables(split, 'evaluate');
  checkAreFactors(factors);
  const { dim, users, items } = factors;
  checkFactors('users', users, split.train.numUsers, dim);
  const query = (user: number) => users.subarray(user * dim, (user + 1) * dim);
  return evaluateScorer({ items, dim, query }, split, options);
}

/** A method whose scores are inner products with rows made for each user when they are needed. */
export interface QueryScorer {
  /** Dense numItems × dim. */
  readonly items: Float32Array;
  readonly dim: number;
  /** A user's row, length dim; valid until the next call. */
  query(user: number): Float32Array;
}

/**
 * As `evaluate`, for a method without user factors, e.g. the baselines.
 * @throws as `evaluate`
 */
export async function evaluateScorer(
  { items, dim, query }: QueryScorer,
  split: Split,
  options: EvaluateOptions = {},
): Promise<MetricsResult> {
  const {
    part,
    protocol,
    ks,
    runtime = await load(),
  } = resolveOptions(EVALUATE_OPTIONS, options, 'evaluate');
  checkIdTables(split, 'evaluate');
  const task = rankingTask(split, part, protocol);
  metricNames(ks);
  const { numItems } = split.train;
  checkFactors('items', items, numItems, dim);
  const maxK = Math.min(ks[ks.length - 1], numItems);
  const workspace = runtime.open(
    tableBytes(numItems, dim) + rankerBytes(numItems, dim, maxK, 'many', runtime.threads),
    'evaluate',
  );
  try {
    const ranker = new Ranker(workspace, numItems, dim, 'many');
    ranker.setItems(workspace.matrixFrom(items, numItems, dim));
    return measure(ranker, query, task, ks);
  } finally {
    workspace.close();
  }
}

/** The held-out interactions to look for, and those that are left out of the ranking. */
export function rankingTask(split: Split, part: 'valid' | 'test', protocol: Protocol): RankingTask {
  const seen = part === 'valid' ? [split.train] : [split.train, split.valid];
  return {
    relevant: interactionsToCsr(split[part]),
    masked: protocol === 'standard' ? seen.map(interactionsToCsr) : [],
  };
}

/** Metrics of every user that has a relevant item; `query` gives a user's final row, length dim. */
export function measure(
  ranker: Ranker,
  query: (user: number) => Float32Array,
  task: RankingTask,
  ks: readonly number[],
): MetricsResult {
  const { relevant, masked } = task;
  const accumulator = new MetricsAccumulator(relevant.rows, ks);
  const users: number[] = [];
  for (let user = 0; user < relevant.rows; user++)
    if (relevant.rowPtr[user] < relevant.rowPtr[user + 1]) users.push(user);
  ranker.rank(
    users.length,
    ks[ks.length - 1],
    (n) => query(users[n]),
    (n, excluded) => {
      for (const csr of masked) excluded.exclude(rowOf(csr, users[n]));
    },
    (n, ranked) => accumulator.add(users[n], ranked.items, rowOf(relevant, users[n])),
  );
  return accumulator.result();
}

function rowOf(csr: Csr, row: number): Int32Array {
  return csr.colIdx.subarray(csr.rowPtr[row], csr.rowPtr[row + 1]);
}

function checkAreFactors(factors: unknown): void {
  const { users, items, dim } = { ...(factors as Partial<Factors> | null | undefined) };
  if (isFloat32Array(users) && isFloat32Array(items) && dim !== undefined) return;
  const problem = `expected factors { users, items, dim }, received ${shown(factors)}`;
  throw new OptionError('evaluate', problem, 'Pass the factors of what fit gives');
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
