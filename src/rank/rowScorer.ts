import { addItemRows, type Histories, type ItemRows } from '../kernels/itemRows.ts';
import { checkArgument, TEXT } from '../options/arguments.ts';
import type { Matrix } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { checkExplained } from './argumentKinds.ts';
import type { RankingLoad } from './ranker.ts';
import { ScoreRanker, usersPerTurn } from './scoreRanker.ts';
import type { Adder, Contribution, OpenScorer, Query, Scorer } from './scorer.ts';
import { assertSparseRows, SPARSE_ROWS, type SparseRows } from './sparseRows.ts';

/** Items of a history, for as many of which there is room; longer ones are added in smaller batches. */
const USUAL_HISTORY = 64;

/**
 * Scores of sparse rows: the sum of the rows of a history. Known users and strangers are one and the same to it.
 *
 * @example
 * const scorer: RowScorer = await itemKnn(split.train);
 * scorer.kind; // → 'rows'
 */
export class RowScorer implements Scorer {
  readonly kind = 'rows';
  readonly name: string;
  readonly numItems: number;
  readonly usersPerTurn: number;
  readonly rows: SparseRows;

  /**
   * Keeps the arrays that it is given: do not write to them.
   * @throws {OptionError} for arguments of another kind, and as `assertSparseRows`
   */
  constructor(name: string, rows: SparseRows) {
    checkArgument(TEXT, name, 'name', 'RowScorer');
    checkArgument(SPARSE_ROWS, rows, 'rows', name);
    assertSparseRows(name, rows);
    this.name = name;
    this.numItems = rows.numItems;
    this.usersPerTurn = usersPerTurn(this.numItems);
    this.rows = rows;
  }

  /** @internal */
  open(workspace: Workspace, load: RankingLoad, usualK: number): OpenScorer {
    return new ScoreRanker(workspace, this.numItems, load, usualK, (queries) =>
      this.adder(workspace, queries),
    );
  }

  /** @internal */
  adder(workspace: Workspace, queries: number): Adder {
    return new RowAdder(workspace, this.rows, queries);
  }

  /** In f32 the contributions sum to the score to the bit. */
  explain(query: Query, item: number): Contribution[] {
    checkExplained(this, query, item);
    const { rowPtr, indices, weights } = this.rows;
    return Array.from(query.history).flatMap((from) => {
      const at = indices.subarray(rowPtr[from], rowPtr[from + 1]).indexOf(item);
      return at < 0 ? [] : [{ from: this.name, item: from, score: weights[rowPtr[from] + at] }];
    });
  }
}

/** Sparse rows in a workspace, and the histories by which they are added up. */
class RowAdder implements Adder {
  readonly #workspace: Workspace;
  readonly #rows: SparseRows;
  readonly #table: ItemRows;
  readonly #histories: Histories;

  constructor(workspace: Workspace, rows: SparseRows, queries: number) {
    const { numItems, indices, weights } = rows;
    this.#workspace = workspace;
    this.#rows = rows;
    this.#table = {
      rowPtr: workspace.i32(numItems + 1),
      indices: workspace.i32(indices.length),
      weights: workspace.f32(weights.length),
    };
    this.#histories = {
      ptr: workspace.i32(queries + 1),
      // A history has each item once.
      items: workspace.i32(Math.max(numItems, queries * USUAL_HISTORY)),
    };
  }

  start(): void {
    this.#table.rowPtr.view.set(this.#rows.rowPtr);
    this.#table.indices.view.set(this.#rows.indices);
    this.#table.weights.view.set(this.#rows.weights);
  }

  add(queries: readonly Query[], factor: number, scores: Matrix): void {
    for (let first = 0; first < queries.length; ) {
      const count = this.#fitting(queries, first);
      const mark = this.#workspace.mark();
      const histories = this.#take(queries.slice(first, first + count));
      addItemRows(this.#workspace, this.#table, histories, count, factor, scores.slice(first, count));
      this.#workspace.release(mark);
      first += count;
    }
  }

  /** How many queries from `first` on have histories that fit in; one at least. */
  #fitting(queries: readonly Query[], first: number): number {
    let left = this.#histories.items.length;
    let count = 0;
    while (first + count < queries.length) {
      left -= queries[first + count].history.length;
      if (count > 0 && left < 0) break;
      count++;
    }
    return count;
  }

  #take(queries: readonly Query[]): Histories {
    const { ptr, items: own } = this.#histories;
    const total = queries.reduce((sum, { history }) => sum + history.length, 0);
    const items = total <= own.length ? own : this.#workspace.i32(total);
    const [starts, all] = [ptr.view, items.view];
    for (const [n, { history }] of queries.entries()) {
      all.set(history, starts[n]);
      starts[n + 1] = starts[n] + history.length;
    }
    return { ptr, items };
  }
}
