import type { UserSequences } from '../data/sequences.ts';
import type { Split } from '../data/splits.ts';
import type { Protocol } from '../evaluate/evaluate.ts';
import { measure } from '../evaluate/measurement.ts';
import type { MetricName } from '../evaluate/metrics.ts';
import { rankingTask } from '../evaluate/rankingTask.ts';
import type { Model } from '../models/model.ts';
import { CODE_USERS } from '../rank/codeScorer.ts';
import { Ranker } from '../rank/ranker.ts';
import { ScoreRanker } from '../rank/scoreRanker.ts';
import type { Query } from '../rank/scorer.ts';
import type { Matrix } from '../runtime/buffers.ts';
import { Turns } from '../runtime/turns.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** What training watches. */
const METRIC: MetricName = 'ndcg@10';
const CUTOFF = 10;
/** One item more, to see ties that go beyond the cut-off. */
const DEPTH = CUTOFF + 1;

/** What ranks items for a validation: by final rows, or by a model's own scores. */
export type ValidationRanker = Ranker | ScoreRanker;

/** What ranks the items of a model, laid out in a workspace that may only count. */
export function validationRanker(
  workspace: Workspace,
  model: Model,
  numItems: number,
  dim: number,
): ValidationRanker {
  return model.scores
    ? new ScoreRanker(workspace, numItems, 'many', DEPTH, () => model.scores!())
    : new Ranker(workspace, numItems, dim, 'many', DEPTH);
}

/**
 * The validation metric of a model, of which the final rows are given, users first. The promise rejects with the signal's
 * reason once it is aborted.
 * @param sequences what each user has in order, for scores of histories
 */
export function validator(
  ranker: ValidationRanker,
  split: Split,
  protocol: Protocol,
  signal: AbortSignal | undefined,
  sequences: () => UserSequences,
): (z: Matrix) => Promise<number> {
  const { numUsers, numItems } = split.train;
  const task = rankingTask(split, 'valid', protocol);
  const turns = new Turns(signal);
  const ofRows = (by: Ranker, z: Matrix) => {
    by.setItems(z.slice(numUsers, numItems));
    const query = (user: number) => z.view.subarray(user * z.stride, user * z.stride + z.dim);
    return measure(by, query, task, [CUTOFF], turns);
  };
  const ofScores = (by: ScoreRanker) => {
    by.start();
    const { rowPtr, items } = sequences();
    const query = (user: number): Query => {
      return { user, history: items.subarray(rowPtr[user], rowPtr[user + 1]) };
    };
    return measure(by, query, task, [CUTOFF], turns, CODE_USERS);
  };
  return async (z) => {
    const { means } = await (ranker instanceof Ranker ? ofRows(ranker, z) : ofScores(ranker));
    return means[METRIC];
  };
}
