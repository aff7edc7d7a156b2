import { rankScores } from '../kernels/itemRows.ts';
import type { Matrix } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { Lists } from './lists.ts';
import { type ExclusionMask, MaskTable } from './masks.ts';
import { checkK, type RankedView, type RankingLoad, visitLists } from './ranker.ts';
import type { Adder, OpenScorer, Query } from './scorer.ts';

/** Queries scored in one call, if their scores are not larger than this; a multiple of 4. */
const BATCH_QUERIES = 256;
const BATCH_BYTES = 4 * 2 ** 20;

/** Scores that are ranked before other tasks get a turn, and users at most. */
const [TURN_SCORES, TURN_USERS] = [2 ** 25, 512];

/** How many users are ranked before other tasks get a turn, where all items are scored for each: see `Scorer`. */
export function usersPerTurn(numItems: number): number {
  return Math.max(1, Math.min(TURN_USERS, Math.floor(TURN_SCORES / Math.max(1, numItems))));
}

/** Exact top-k of whatever adds scores to a table of them, a batch of queries at a time. */
export class ScoreRanker implements OpenScorer {
  readonly #workspace: Workspace;
  readonly #adder: Adder;
  readonly #scores: Matrix;
  readonly #masks: MaskTable;
  readonly #lists: Lists;

  /** @param adderFor what adds the scores of up to so many queries at a time */
  constructor(
    workspace: Workspace,
    numItems: number,
    load: RankingLoad,
    usualK: number,
    adderFor: (queries: number) => Adder,
  ) {
    const rows = batchRows(numItems, load);
    this.#workspace = workspace;
    this.#adder = adderFor(rows);
    this.#scores = workspace.matrix(rows, numItems, Math.ceil(numItems / 8) * 8);
    this.#masks = new MaskTable(workspace, rows, numItems);
    this.#lists = new Lists(workspace, rows, Math.min(usualK, numItems));
  }

  start(): void {
    this.#adder.start();
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
    this.#lists.use(places, count, (top, batch) => {
      for (let first = 0; first < count; first += batch) {
        const queries = Array.from({ length: Math.min(batch, count - first) }, (_, n) => query(first + n));
        this.#scores.view.fill(0, 0, queries.length * this.#scores.stride);
        this.#adder.add(queries, 1, this.#scores);
        this.#masks.fill(first, queries.length, mask);
        const { bits, maskBytes } = this.#masks;
        rankScores(workspace, this.#scores, queries.length, bits, maskBytes, places, top);
        visitLists(top, queries.length, places, (n, ranked) => visit(first + n, ranked));
      }
    });
  }
}

function batchRows(numItems: number, load: RankingLoad): number {
  if (load === 'one') return 4;
  const fitting = Math.floor(BATCH_BYTES / (4 * Math.max(1, numItems)) / 4) * 4;
  return Math.max(4, Math.min(BATCH_QUERIES, fitting));
}
