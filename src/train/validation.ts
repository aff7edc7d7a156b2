import type { UserSequences } from '../data/sequences.ts';
import type { Split } from '../data/splits.ts';
import type { Protocol } from '../evaluate/evaluate.ts';
import { measure } from '../evaluate/measurement.ts';
import type { MetricName } from '../evaluate/metrics.ts';
import { rankingTask } from '../evaluate/rankingTask.ts';
import { Ranker } from '../rank/ranker.ts';
import { ScoreRanker } from '../rank/scoreRanker.ts';
import type { AddScores, Query } from '../rank/scorer.ts';
import type { Matrix } from '../runtime/buffers.ts';
import { Turns } from '../runtime/turns.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** What training watches. */
const METRIC: MetricName = 'ndcg@10';

/** The validation metric of final rows, users first, or of a model's own scores. */
export type Validate = (z: Matrix, scores: AddScores | null) => Promise<number>;

/**
 * What validates; null where nothing is held out for it. The promise rejects with the signal's reason once it is aborted.
 * @param sequences what each user has in order, for scores of histories
 */
export function validator(
  workspace: Workspace,
  split: Split,
  protocol: Protocol,
  signal: AbortSignal | undefined,
  sequences: () => UserSequences,
): Validate | null {
  if (split.valid.length === 0) return null;
  const { numUsers, numItems } = split.train;
  const task = rankingTask(split, 'valid', protocol);
  const turns = new Turns(signal);
  const ofRows = (z: Matrix) => {
    const ranker = new Ranker(workspace, numItems, z.dim, 'many');
    ranker.setItems(z.slice(numUsers, numItems));
    const query = (user: number) => z.view.subarray(user * z.stride, user * z.stride + z.dim);
    return measure(ranker, query, task, [10], turns);
  };
  const ofScores = (scores: AddScores) => {
    const { rowPtr, items } = sequences();
    const query = (user: number): Query => {
      return { user, history: items.subarray(rowPtr[user], rowPtr[user + 1]) };
    };
    return measure(new ScoreRanker(workspace, numItems, 'many', scores), query, task, [10], turns);
  };
  return async (z, scores) => {
    const mark = workspace.mark();
    try {
      const { means } = await (scores ? ofScores(scores) : ofRows(z));
      return means[METRIC];
    } finally {
      workspace.release(mark);
    }
  };
}
