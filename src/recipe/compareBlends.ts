import type { Split } from '../data/splits.ts';
import type { Protocol } from '../evaluate/evaluate.ts';
import { Measurement, rankUsers } from '../evaluate/measurement.ts';
import { rankingTask, rowOf } from '../evaluate/rankingTask.ts';
import { addScaledRows } from '../kernels/rows.ts';
import { type BlendPart, partFactor } from '../rank/blendScorer.ts';
import { ScoreRanker } from '../rank/scoreRanker.ts';
import type { Adder, Query, Scorer } from '../rank/scorer.ts';
import type { Runtime } from '../runtime/load.ts';
import { roundUp } from '../runtime/roundUp.ts';
import { Turns } from '../runtime/turns.ts';
import type { Workspace } from '../runtime/workspace.ts';

const METRIC = 'ndcg@10';

/**
 * Validation NDCG@10 of several blends of the same scorers, in their order. Every scorer scores a batch of users once, and
 * each blend ranks sums of those scores; `BlendScorer` multiplies before it sums, so that its own metric may differ where
 * scores are equal but for their rounding.
 *
 * @param blends the parts of each, of the same scorers in the same order
 */
export async function compareBlends(
  blends: readonly (readonly BlendPart[])[],
  split: Split,
  options: { readonly protocol: Protocol; readonly runtime: Runtime; readonly signal?: AbortSignal },
): Promise<number[]> {
  const { protocol, runtime, signal } = options;
  const task = rankingTask(split, 'valid', protocol);
  const measured = blends.map(() => new Measurement(task, [10]));
  const { depth } = measured[0];
  const { numItems } = split.train;
  let batch = 0;
  let parts = blends[0];
  const layout = (workspace: Workspace) =>
    new ScoreRanker(workspace, numItems, 'many', depth, (queries) => {
      batch = queries;
      const kept = parts.map(({ scorer }) => new KeptScores(workspace, scorer, queries));
      return {
        start() {
          for (const scores of kept) scores.start();
        },
        add(asked, factor, scores) {
          for (const [n, part] of parts.entries())
            kept[n].add(asked, Math.fround(factor * partFactor(part)), scores);
        },
      };
    });
  return runtime.use('compareBlends', layout, async (ranker) => {
    ranker.start();
    const turns = new Turns(signal);
    const rank = rankUsers(ranker, (user) => ({ user, history: rowOf(task.liked, user) }));
    for (const users of measured[0].turns(batch)) {
      await turns.offer();
      for (const [n, blend] of blends.entries()) {
        parts = blend;
        measured[n].measure(users, rank);
      }
    }
    return measured.map((measurement) => measurement.result().means[METRIC]);
  });
}

/** What a scorer adds, computed once for users that are asked for again and again. */
class KeptScores implements Adder {
  readonly #workspace: Workspace;
  readonly #adder: Adder;
  readonly #scores;
  readonly #factors;
  #users: readonly (number | null)[] = [];

  constructor(workspace: Workspace, scorer: Scorer, queries: number) {
    const { numItems } = scorer;
    this.#workspace = workspace;
    this.#adder = scorer.adder(workspace, queries);
    this.#scores = workspace.matrix(queries, numItems, roundUp(numItems, 8));
    this.#factors = workspace.f32(queries);
  }

  start(): void {
    this.#adder.start();
  }

  add(queries: readonly Query[], factor: number, scores: Parameters<Adder['add']>[2]): void {
    const [kept, factors] = [this.#scores, this.#factors];
    if (!this.#isOf(queries)) {
      kept.view.fill(0, 0, queries.length * kept.stride);
      this.#adder.add(queries, 1, kept);
      this.#users = queries.map(({ user }) => user);
    }
    factors.view.fill(factor);
    addScaledRows(this.#workspace, kept, null, factors, queries.length, scores, null);
  }

  #isOf(queries: readonly Query[]): boolean {
    return queries.length === this.#users.length && queries.every(({ user }, n) => user === this.#users[n]);
  }
}
