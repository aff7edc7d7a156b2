import { rankScores } from '../kernels/itemRows.ts';
import type { Matrix } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { type ExclusionMask, MaskTable } from './masks.ts';
import { checkK, type RankedView, type RankingLoad } from './ranker.ts';
import type { AddScores, OpenScorer, Query } from './scorer.ts';

/** Queries scored in one call, if their scores are not larger than this; a multiple of 4. */
const BATCH_QUERIES = 256;
const BATCH_BYTES = 4 * 2 ** 20;

/** Exact top-k of whatever adds scores to a table of them, a batch of queries at a time. */
export class ScoreRanker implements OpenScorer {
  readonly #workspace: Workspace;
  readonly #add: AddScores;
  readonly #scores: Matrix;
  readonly #masks: MaskTable;

  constructor(workspace: Workspace, numItems: number, load: RankingLoad, add: AddScores) {
    const rows = batchRows(numItems, load);
    this.#workspace = workspace;
    this.#add = add;
    this.#scores = workspace.matrix(rows, numItems, Math.ceil(numItems / 8) * 8);
    this.#masks = new MaskTable(workspace, rows, numItems);
  }

  rank(
    count: number,
    k: number,
    query: (n: number) => Query,
    mask: (n: number, excluded: ExclusionMask) => void,
    visit: (n: number, ranked: RankedView) => void,
  ): void {
    checkK(k);
    const workspace = this.#workspace;
    const places = Math.min(k, this.#scores.dim);
    const mark = workspace.mark();
    const rows = Math.min(count, this.#scores.rows);
    const top = {
      scores: workspace.f32(rows * places),
      items: workspace.i32(rows * places),
      counts: workspace.i32(rows),
    };
    for (let first = 0; first < count; first += rows) {
      const queries = Array.from({ length: Math.min(rows, count - first) }, (_, n) => query(first + n));
      this.#scores.view.fill(0, 0, queries.length * this.#scores.stride);
      this.#add(queries, 1, this.#scores);
      this.#masks.fill(first, queries.length, mask);
      const { bits, maskBytes } = this.#masks;
      rankScores(workspace, this.#scores, queries.length, bits, maskBytes, places, top);
      const items = top.items.view;
      const scores = top.scores.view;
      for (const [n, found] of top.counts.view.subarray(0, queries.length).entries()) {
        const from = n * places;
        visit(first + n, {
          items: items.subarray(from, from + found),
          scores: scores.subarray(from, from + found),
        });
      }
    }
    workspace.release(mark);
  }
}

function batchRows(numItems: number, load: RankingLoad): number {
  if (load === 'one') return 4;
  const fitting = Math.floor(BATCH_BYTES / (4 * Math.max(1, numItems)) / 4) * 4;
  return Math.max(4, Math.min(BATCH_QUERIES, fitting));
}
