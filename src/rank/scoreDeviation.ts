import { DataError } from '../errors.ts';
import { arrayOf, checkArgument } from '../options/arguments.ts';
import { required } from '../options/builders.ts';
import { SIGNAL } from '../options/kinds.ts';
import { resolveOptions } from '../options/resolve.ts';
import type { Runtime } from '../runtime/load.ts';
import { RUNTIME } from '../runtime/option.ts';
import { roundUp } from '../runtime/roundUp.ts';
import { Turns } from '../runtime/turns.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { QUERY, SCORER } from './argumentKinds.ts';
import type { Query, Scorer } from './scorer.ts';

/** Queries whose scores are held at a time, if they are not larger than this; a multiple of 4. */
const BATCH_QUERIES = 64;

const QUERIES = arrayOf('a list of queries { user, history }', QUERY);
const OPTIONS = { runtime: required(RUNTIME), signal: SIGNAL };

/**
 * The mean over queries of the standard deviation of a query's scores over all items: what a blend divides a scorer's
 * scores by, so that weights mean the same for every scorer. Sums in float64, queries and items in order.
 *
 * @param signal checked between batches of queries
 * @throws {DataError} when the deviation is 0, as of a scorer without interactions, or there are no queries
 * @example
 * const queries = [{ user: 0, history: [1, 2] }, { user: 1, history: [3] }];
 * (await scoreDeviation(popularity(split.train), queries, { runtime })) >= 0; // → true
 */
export async function scoreDeviation(
  scorer: Scorer,
  queries: readonly Query[],
  options: { readonly runtime: Runtime; readonly signal?: AbortSignal },
): Promise<number> {
  checkArgument(SCORER, scorer, 'scorer', 'scoreDeviation');
  checkArgument(QUERIES, queries, 'queries', 'scoreDeviation');
  const { runtime, signal } = resolveOptions(OPTIONS, options, 'scoreDeviation');
  const { numItems } = scorer;
  const layout = (workspace: Workspace) => ({
    adder: scorer.adder(workspace, BATCH_QUERIES),
    scores: workspace.matrix(BATCH_QUERIES, numItems, roundUp(numItems, 8)),
  });
  return runtime.use('scoreDeviation', layout, async ({ adder, scores }) => {
    adder.start();
    const turns = new Turns(signal);
    let sum = 0;
    for (let first = 0; first < queries.length; first += BATCH_QUERIES) {
      await turns.offer();
      const batch = queries.slice(first, first + BATCH_QUERIES);
      scores.view.fill(0);
      adder.add(batch, 1, scores);
      for (const n of batch.keys()) sum += deviation(scores.view, n * scores.stride, numItems);
    }
    const mean = sum / queries.length;
    if (mean > 0) return mean;
    const problem = `expected ${scorer.name} to tell items apart, received the same score for all of them`;
    throw new DataError('scoreDeviation', problem, 'Leave it out of the blend');
  });
}

function deviation(scores: Float32Array, first: number, count: number): number {
  let sum = 0;
  for (let i = first; i < first + count; i++) sum += scores[i];
  const mean = sum / count;
  let squares = 0;
  for (let i = first; i < first + count; i++) squares += (scores[i] - mean) * (scores[i] - mean);
  return Math.sqrt(squares / count);
}
