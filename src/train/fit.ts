import { Graph, type GraphSize } from '../data/graph.ts';
import { checkItemCodes } from '../data/itemCodes.ts';
import { checkIdTables } from '../data/readySplit.ts';
import type { Split } from '../data/splits.ts';
import { DataError, OptionError } from '../errors.ts';
import { describeModel, type ModelName, readsCodes } from '../models/registry.ts';
import { usersWithSequences } from '../models/sequences/batch.ts';
import { load } from '../runtime/load.ts';
import { countBytes } from '../runtime/workspace.ts';
import { leavesNegatives } from './epochBatches.ts';
import { type ResolvedOptions, resolveFitOptions } from './fitOptions.ts';
import type { FitResult } from './fitResult.ts';
import { checkInitial, type InitialTables } from './initialTables.ts';
import type { FitOptions } from './options.ts';
import { Run } from './run.ts';
import { layOutTraining } from './trainingMemory.ts';

export type { FitResult } from './fitResult.ts';

/**
 * Trains on `split.train`, watching the validation metric, and returns the best epoch's weights.
 *
 * Same inputs, options and seed: same bytes, also when the run was interrupted and resumed. Training ends when the
 * metric has not surpassed its best for more than `patience` evaluations (RecBole) and is not on the way up again, so
 * that it does not end in a dip; with no validation interactions it runs all epochs. Where the numbers leave the range of
 * f32, the best weights so far are returned with a `warning`.
 *
 * @param initial E⁽⁰⁾ of users and items (see `initialize`)
 * @throws {OptionError} on an option out of range
 * @throws {ShapeError} when `initial` does not fit the split
 * @throws {DataError} when no user leaves an item to be a negative, `resume` belongs to another run, or training diverges
 *   before there are weights to return
 * @throws {BudgetError} when the job does not fit `maxMemoryBytes`
 * @throws `signal.reason` when aborted, after `onCheckpoint` has received the state
 * @example
 * const tables = await initialize(split.train, embeddings, { dim: 8 });
 * const { factors, bestEpoch, history } = await fit(split, tables, { model: 'sgl', epochs: 2, runtime });
 */
export async function fit(
  split: Split,
  initial: InitialTables,
  options: FitOptions = {},
): Promise<FitResult> {
  const asked = resolveFitOptions(options, initial);
  checkIdTables(split, 'fit');
  if (split.train.length === 0) {
    throw new DataError(
      'fit',
      'expected training interactions, received none',
      'Bring some, or lower the k-core',
    );
  }
  checkInitial(split, initial, asked.frozenColumns);
  const runtime = options.runtime ?? (await load());
  const graph = new Graph(split.train, split.disliked);
  checkItems(graph);
  if (readsCodes(asked.model)) checkCodes(asked, graph);
  // One batch holds all there is at most.
  const most = trainedCount(graph, asked.model);
  const resolved = { ...asked, batchSize: Math.min(asked.batchSize, most) };
  if (resolved.protocol === 'standard' && describeModel(resolved.model).usesNegatives(resolved))
    checkNegatives(graph);
  const validates = split.valid.length > 0;
  return runtime.use(
    'fit',
    (workspace) => layOutTraining(workspace, graph, initial.dim, resolved, validates),
    (memory) => new Run(memory, graph, split, initial, resolved, options).train(),
  );
}

/** Bytes of memory that `fit` takes for a graph of this size, with so many threads. */
export function fitBytes(
  graph: GraphSize,
  dim: number,
  options: ResolvedOptions,
  { validates, threads }: { readonly validates: boolean; readonly threads: number },
): number {
  return countBytes((workspace) => layOutTraining(workspace, graph, dim, options, validates), threads);
}

/** Interactions, or users, that a model trains on. @throws {DataError} when no user has two items in order */
function trainedCount(graph: Graph, model: ModelName): number {
  if (describeModel(model).kind === 'graph') return graph.interactions.colIdx.length;
  const { length } = usersWithSequences(graph);
  if (length > 0) return length;
  const problem = 'expected a user with two training interactions, one after the other, received none';
  throw new DataError('fit', problem, 'Bring more interactions, or train a model of the graph');
}

function checkItems({ numItems }: Graph): void {
  if (numItems >= 2) return;
  throw new DataError('fit', `expected at least 2 items, received ${numItems}`, 'Bring more interactions');
}

/** @throws {OptionError} without codes, or beside an adapter; as `checkItemCodes` */
function checkCodes({ model, codes, adapter }: ResolvedOptions, { numItems }: Graph): void {
  if (!codes) {
    const problem = `expected codes of the items beside model ${model}, received none`;
    const remedy = 'Pass codes: (await semanticIds(embeddings)).itemCodes(split.train.itemIds)';
    throw new OptionError('fit', problem, remedy, 'codes');
  }
  checkItemCodes(codes, numItems, 'fit');
  if (!adapter) return;
  const problem = `expected no adapter beside model ${model}, whose items have no rows of their own, received one`;
  throw new OptionError('fit', problem, 'Initialise in another way', 'adapter');
}

/** Without a negative there is nothing to learn from a user's items; a user who has all of them leaves none. */
function checkNegatives(graph: Graph): void {
  for (let user = 0; user < graph.numUsers; user++) if (leavesNegatives(graph, user)) return;
  throw new DataError(
    'fit',
    `every user has all ${graph.numItems} items, which leaves no negative to draw`,
    'Bring more items, or train sgcl, which draws no negatives',
  );
}
