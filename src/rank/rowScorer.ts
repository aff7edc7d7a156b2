import { addItemRows } from '../kernels/itemRows.ts';
import { checkArgument, TEXT } from '../options/arguments.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { checkExplained } from './argumentKinds.ts';
import type { RankingLoad } from './ranker.ts';
import { ScoreRanker } from './scoreRanker.ts';
import type { AddScores, Contribution, OpenScorer, Query, Scorer } from './scorer.ts';
import { assertSparseRows, SPARSE_ROWS, type SparseRows } from './sparseRows.ts';

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
  readonly rows: SparseRows;

  /** @throws {OptionError} for arguments of another kind, and as `assertSparseRows` */
  constructor(name: string, rows: SparseRows) {
    checkArgument(TEXT, name, 'name', 'RowScorer');
    checkArgument(SPARSE_ROWS, rows, 'rows', name);
    assertSparseRows(name, rows);
    this.name = name;
    this.numItems = rows.numItems;
    this.rows = rows;
  }

  /** @internal */
  open(workspace: Workspace, load: RankingLoad): OpenScorer {
    return new ScoreRanker(workspace, this.numItems, load, this.adder(workspace));
  }

  /** @internal */
  adder(workspace: Workspace): AddScores {
    const { rowPtr, indices, weights } = this.rows;
    const rows = {
      rowPtr: workspace.i32From(rowPtr),
      indices: workspace.i32From(indices),
      weights: workspace.f32(weights.length),
    };
    rows.weights.view.set(weights);
    return (queries, factor, scores) => {
      const mark = workspace.mark();
      addItemRows(workspace, rows, histories(workspace, queries), queries.length, factor, scores);
      workspace.release(mark);
    };
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

function histories(workspace: Workspace, queries: readonly Query[]) {
  const ptr = workspace.i32(queries.length + 1);
  const total = queries.reduce((sum, { history }) => sum + history.length, 0);
  const items = workspace.i32(total);
  const [starts, all] = [ptr.view, items.view];
  for (const [n, { history }] of queries.entries()) {
    all.set(history, starts[n]);
    starts[n + 1] = starts[n] + history.length;
  }
  return { ptr, items };
}
