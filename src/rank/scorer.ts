import type { Matrix } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';
import type { ExclusionMask } from './masks.ts';
import type { RankedView, RankingLoad } from './ranker.ts';

/**
 * For whom items are scored.
 *
 * @example
 * const query: Query = { user: null, history: [0, 1] };
 * const because = (await itemKnn(split.train)).explain(query, 4);
 */
export interface Query {
  /** The person's row in a table of users; null for somebody who was not in training. */
  readonly user: number | null;
  /**
   * What the person likes: item indices, each once. Sums over a history go in this order; a scorer that reads it takes it for
   * that of time.
   */
  readonly history: ArrayLike<number>;
}

/**
 * What gives every item a score for a user or a history: tables of factors, sparse rows of items, one score an item, a
 * transformer of sequences, a blend of these. Evaluation, serving and baselines know nothing else. A scorer is plain data and never changes;
 * `open` takes it into a workspace.
 *
 * @example
 * const scorer: Scorer = await itemKnn(split.train);
 * const { means } = await evaluateScorer(scorer, split, { runtime });
 */
export interface Scorer {
  /** By which a model file tells what to store. */
  readonly kind: 'factors' | 'rows' | 'items' | 'sequence' | 'blend';
  /** Whether a history is to be in order, oldest item first. */
  readonly readsOrder?: boolean;
  /** How many users are ranked before other tasks get a turn, where one takes long. Default 512. */
  readonly usersPerTurn?: number;
  /** Of the model that it comes from, for reports. */
  readonly name: string;
  readonly numItems: number;
  /**
   * @internal
   * Lays the scorer out in a workspace, which may only count, to rank items.
   * @param load `many` for whole sets of users: the same rankings, to the bit
   * @param usualK items that are asked for as a rule: for more of them at a time more memory may be needed
   */
  open(workspace: Workspace, load: RankingLoad, usualK: number): OpenScorer;
  /**
   * What the score of an item is made of, in the order in which it is summed: the contributions sum to it, up to rounding.
   * Items of the history that add nothing are left out.
   */
  explain(query: Query, item: number): Contribution[];
  /**
   * @internal
   * Lays the scorer out in a workspace, which may only count, to add its scores to those of others.
   * @param queries the most at a time
   */
  adder(workspace: Workspace, queries: number): Adder;
}

/**
 * A part of a score.
 *
 * @example
 * const because: readonly Contribution[] = (await itemKnn(split.train)).explain({ user: null, history: [0, 1] }, 4);
 */
export interface Contribution {
  /** Name of the scorer that it comes from. */
  readonly from: string;
  /** The item of the history that it is owed to; null where it is not owed to one. */
  readonly item: number | null;
  readonly score: number;
}

/** A scorer in a workspace, and as long as that. */
export interface OpenScorer {
  /** Takes the scorer into the memory that was laid out for it, before anything is ranked. */
  start(): void;
  /**
   * Ranks all items for `count` queries, exactly; equal scores stand in ascending item order.
   * @param query query n; like `mask` it must not allocate in the workspace
   * @param mask marks what query n must not return; it starts with nothing excluded
   * @param visit receives the ranked items of query n: k of them, or as many as are left
   * @throws {OptionError} unless k is an integer ≥ 1
   */
  rank(
    count: number,
    k: number,
    query: (n: number) => Query,
    mask: (n: number, excluded: ExclusionMask) => void,
    visit: (n: number, ranked: RankedView) => void,
  ): void;
}

/** What a scorer adds to the scores of others. */
export interface Adder {
  /** Takes the scorer into the memory that was laid out for it, before anything is added. */
  start(): void;
  /**
   * scores[n][i] += factor · score of item i for queries[n].
   * @param scores [rows × numItems], rows a multiple of 4 and ≥ the number of queries, stride a multiple of 8
   */
  add(queries: readonly Query[], factor: number, scores: Matrix): void;
}
