import type { Split } from '../data/splits.ts';
import type { Protocol } from '../evaluate/evaluate.ts';
import { measure } from '../evaluate/measurement.ts';
import type { MetricName } from '../evaluate/metrics.ts';
import { rankingTask } from '../evaluate/rankingTask.ts';
import { Ranker } from '../rank/ranker.ts';
import type { Matrix } from '../runtime/buffers.ts';
import { Turns } from '../runtime/turns.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** What training watches. */
const METRIC: MetricName = 'ndcg@10';

/**
 * The validation metric of final rows, users first; null where nothing is held out for validation. The promise rejects
 * with the signal's reason once it is aborted.
 */
export function validator(
  workspace: Workspace,
  split: Split,
  protocol: Protocol,
  signal: AbortSignal | undefined,
): ((z: Matrix) => Promise<number>) | null {
  if (split.valid.length === 0) return null;
  const { numUsers, numItems } = split.train;
  const task = rankingTask(split, 'valid', protocol);
  const turns = new Turns(signal);
  return async (z) => {
    const mark = workspace.mark();
    const ranker = new Ranker(workspace, numItems, z.dim, 'many');
    ranker.setItems(z.slice(numUsers, numItems));
    const query = (user: number) => z.view.subarray(user * z.stride, user * z.stride + z.dim);
    try {
      const { means } = await measure(ranker, query, task, [10], turns);
      return means[METRIC];
    } finally {
      workspace.release(mark);
    }
  };
}
