import { interactionsToCsr } from '../data/csr.ts';
import { Graph } from '../data/graph.ts';
import type { NodeTables } from '../data/nodeTables.ts';
import { checkIdTables } from '../data/readySplit.ts';
import type { Split } from '../data/splits.ts';
import { DataError, OptionError } from '../errors.ts';
import { measure, rankingTask } from '../evaluate/evaluate.ts';
import type { MetricName } from '../evaluate/metrics.ts';
import type { JsonValue } from '../format/json.ts';
import { batchThreadBytes } from '../models/batchRows.ts';
import type { Model } from '../models/model.ts';
import type { AdapterWeights } from '../models/parameters/adapterRows.ts';
import { createModel, describeModel, modelBytes } from '../models/registry.ts';
import { Ranker, rankerTableBytes, rankingBytes } from '../rank/ranker.ts';
import { load } from '../runtime/load.ts';
import { csrBytes, tableBytes, type Workspace } from '../runtime/workspace.ts';
import { type Checkpoint, checkFingerprint, checkTables, type EpochRecord } from './checkpoint.ts';
import { EpochBatches } from './epochBatches.ts';
import { type ResolvedOptions, resolveFitOptions } from './fitOptions.ts';
import { checkInitial, type InitialTables } from './initialTables.ts';
import { type NegativesOptions, samplerBytes } from './negatives.ts';
import type { FitOptions } from './options.ts';

/** A trained model: the final rows of the best epoch and how it came about. */
export interface FitResult {
  /** Z of the best epoch. */
  readonly factors: NodeTables;
  /** E⁽⁰⁾ of the best epoch, numNodes × dim, users first. */
  readonly parameters: Float32Array;
  /** The map that makes the items' rows, for `adapterRows`; null without an adapter. */
  readonly adapter: AdapterWeights | null;
  /** The epoch whose weights were kept; the last one when there was no validation. */
  readonly bestEpoch: number;
  /** The validation metric at `bestEpoch`; null without validation interactions. */
  readonly bestMetric: number | null;
  readonly history: readonly EpochRecord[];
  readonly stoppedBy: 'patience' | 'epochs';
}

/** How long the loop runs before other tasks of the host get a turn. */
const YIELD_MS = 50;

/**
 * Trains on `split.train`, watching the validation metric, and returns the best epoch's weights.
 *
 * Same inputs, options and seed: same bytes, also when the run was interrupted and resumed. Early stopping as
 * RecBole: training ends when the metric has not risen for more than `patience` evaluations; with no validation
 * interactions it runs all epochs.
 *
 * @param initial E⁽⁰⁾ of users and items (see `initialize`)
 * @throws {OptionError} on an option out of range
 * @throws {ShapeError} when `initial` does not fit the split
 * @throws {DataError} when a user has no item left to be a negative, or `resume` belongs to another run
 * @throws {BudgetError} when the job does not fit `maxMemoryBytes`
 * @throws `signal.reason` when aborted, after `onCheckpoint` has received the state
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
  const graph = new Graph(split.train);
  // One batch holds all interactions at most.
  const resolved = { ...asked, batchSize: Math.min(asked.batchSize, split.train.length) };
  checkItems(graph);
  if (resolved.protocol === 'standard' && describeModel(resolved.model).usesNegatives(resolved))
    checkNegatives(graph, split);
  const workspace = runtime.open(fitBytes(graph, initial.dim, resolved, runtime.threads), 'fit');
  try {
    return await new Run(workspace, graph, split, initial, resolved, options).train();
  } finally {
    workspace.close();
  }
}

/** Bytes of memory that `fit` will take for this graph, with so many threads. */
export function fitBytes(
  graph: Graph,
  dim: number,
  options: Pick<ResolvedOptions, 'model' | 'layers' | 'batchSize' | 'augmentation' | 'loss' | 'adapter'> & {
    readonly negatives?: NegativesOptions;
  },
  threads = 1,
): number {
  const nnz = graph.interactions.colIdx.length;
  return (
    modelBytes(graph, dim, options) +
    samplerBytes(dim, options) +
    (threads - 1) * batchThreadBytes(graph, dim) +
    validationBytes(graph, dim, options.layers) +
    csrBytes(graph.numUsers, nnz) +
    tableBytes(nnz, 1)
  );
}

/** The ranker lies in a spare table of the model where there is one as large. */
function validationBytes({ numNodes, numItems }: Graph, dim: number, layers: number): number {
  const spare = layers > 1 ? 4 * numNodes * dim : 0;
  const ranker = rankerTableBytes(numItems, dim, 'many');
  // One item more than the cut-off, to see ties that go beyond it.
  return rankingBytes(11, 'many') + (ranker <= spare ? 0 : ranker);
}

class Run {
  readonly #split: Split;
  readonly #graph: Graph;
  readonly #dim: number;
  readonly #options: ResolvedOptions;
  readonly #hooks: FitOptions;
  readonly #model: Model;
  readonly #batches: EpochBatches;
  readonly #validate: (() => number) | null;
  readonly #fingerprint: Record<string, JsonValue>;
  #best: Checkpoint['best'] = null;
  readonly #history: EpochRecord[] = [];
  #steps = 0;
  #lossSum = 0;
  #lastYield = 0;

  constructor(
    workspace: Workspace,
    graph: Graph,
    split: Split,
    initial: InitialTables,
    options: ResolvedOptions,
    hooks: FitOptions,
  ) {
    const { dim } = initial;
    const e0 = new Float32Array(graph.numNodes * dim);
    e0.set(initial.users);
    e0.set(initial.items, graph.numUsers * dim);
    this.#split = split;
    this.#graph = graph;
    this.#dim = dim;
    this.#options = options;
    this.#hooks = hooks;
    this.#model = createModel(workspace, graph, e0, dim, options);
    this.#batches = new EpochBatches(workspace, graph, options, this.#model, dim);
    this.#validate = split.valid.length > 0 ? this.#validator(workspace, dim) : null;
    this.#fingerprint = {
      ...options.fingerprint,
      dim,
      numUsers: graph.numUsers,
      numItems: graph.numItems,
      interactions: split.train.length,
      validation: split.valid.length,
    };
  }

  async train(): Promise<FitResult> {
    const { epochs, patience } = this.#options;
    let { epoch, batch } = this.#resume();
    let stoppedBy: FitResult['stoppedBy'] = 'epochs';
    for (; epoch <= epochs; epoch++, batch = 0) {
      if (this.#exhausted(patience)) {
        stoppedBy = 'patience';
        break;
      }
      await this.#epoch(epoch, batch);
    }
    if (this.#exhausted(patience)) stoppedBy = 'patience';
    if (this.#best) this.#model.parameters.setValues(this.#best.parameters);
    const last = this.#history[this.#history.length - 1];
    return {
      factors: this.#factors(),
      parameters: this.#model.parameters.values().slice(0, this.#graph.numNodes * this.#dim),
      adapter: this.#model.parameters.itemMap(),
      bestEpoch: this.#best?.epoch ?? last.epoch,
      bestMetric: this.#best?.metric ?? null,
      history: this.#history,
      stoppedBy,
    };
  }

  async #epoch(epoch: number, firstBatch: number): Promise<void> {
    const batches = this.#batches;
    this.#model.beginEpoch(epoch);
    batches.begin(epoch);
    if (firstBatch === 0) this.#lossSum = 0;
    for (let batch = firstBatch; batch < batches.count; batch++) {
      await this.#pause(epoch, batch);
      this.#lossSum += this.#model.step(batches.batch(batch));
      this.#steps++;
      this.#report({
        kind: 'batch',
        epoch,
        batch: batch + 1,
        loss: this.#lossSum / (batch + 1),
        metric: null,
      });
    }
    const loss = this.#lossSum / batches.count;
    if (!Number.isFinite(loss)) {
      throw new DataError(
        'fit',
        `the loss became ${loss} in epoch ${epoch}`,
        'Lower learningRate, or scale the initial rows down (normalize: true)',
        'optimizer.learningRate',
      );
    }
    const metric = this.#evaluates(epoch) ? this.#validate!() : null;
    if (metric !== null && (this.#best === null || metric > this.#best.metric)) {
      this.#best = { epoch, metric, parameters: this.#model.parameters.values() };
    }
    this.#history.push({ epoch, loss, metric });
    this.#report({ kind: 'epoch', epoch, batch: batches.count, loss, metric });
    const { checkpointEvery, onCheckpoint } = this.#hooks;
    if (onCheckpoint && checkpointEvery && epoch % checkpointEvery === 0) {
      await onCheckpoint(this.#checkpoint(epoch + 1, 0));
    }
  }

  #evaluates(epoch: number): boolean {
    const { evaluateEvery } = this.#options;
    return this.#validate !== null && epoch % evaluateEvery === 0;
  }

  /** Whether more than `patience` evaluations in a row brought no rise. */
  #exhausted(patience: number): boolean {
    const best = this.#best;
    if (!best) return false;
    return (
      this.#history.filter(({ epoch, metric }) => metric !== null && epoch > best.epoch).length > patience
    );
  }

  /** Lets the host run other tasks now and then, and stops here when the signal says so. */
  async #pause(epoch: number, batch: number): Promise<void> {
    const now = performance.now();
    if (now - this.#lastYield > YIELD_MS) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      this.#lastYield = performance.now();
    }
    const { signal, onCheckpoint } = this.#hooks;
    if (!signal?.aborted) return;
    await onCheckpoint?.(this.#checkpoint(epoch, batch));
    throw signal.reason;
  }

  #validator(workspace: Workspace, dim: number): () => number {
    const { numUsers, numItems } = this.#graph;
    const task = rankingTask(this.#split, 'valid', this.#options.protocol);
    const metric: MetricName = 'ndcg@10';
    return () => {
      const z = this.#model.propagate();
      const mark = workspace.mark();
      const ranker = workspace.borrow(() => new Ranker(workspace, numItems, dim, 'many'));
      ranker.setItems(z.slice(numUsers, numItems));
      const query = (user: number) => z.view.subarray(user * z.stride, user * z.stride + dim);
      const { means } = measure(ranker, query, task, [10]);
      workspace.release(mark);
      return means[metric];
    };
  }

  #factors(): NodeTables {
    const { numUsers, numItems } = this.#graph;
    const z = this.#model.propagate();
    return { users: z.slice(0, numUsers).read(), items: z.slice(numUsers, numItems).read(), dim: z.dim };
  }

  #checkpoint(epoch: number, batch: number): Checkpoint {
    return {
      fingerprint: this.#fingerprint,
      epoch,
      batch,
      steps: this.#steps,
      lossSum: batch === 0 ? 0 : this.#lossSum,
      history: [...this.#history],
      best: this.#best,
      model: this.#model.parameters.state(),
    };
  }

  #resume(): { epoch: number; batch: number } {
    const { resume } = this.#hooks;
    if (!resume) return { epoch: 1, batch: 0 };
    checkFingerprint(resume.fingerprint, this.#fingerprint);
    if (resume.epoch - 1 > this.#options.epochs) {
      throw new OptionError(
        'fit',
        `expected epochs ≥ ${resume.epoch - 1}, which the checkpoint has done, received ${this.#options.epochs}`,
        'Raise epochs, or start anew without the checkpoint',
        'epochs',
      );
    }
    const { length } = this.#model.parameters.values();
    checkTables(resume, this.#model.parameters.state(), length, this.#batches.count);
    this.#model.parameters.restore(resume.model, resume.steps);
    this.#steps = resume.steps;
    this.#lossSum = resume.lossSum;
    this.#history.push(...resume.history);
    this.#best = resume.best;
    return { epoch: resume.epoch, batch: resume.batch };
  }

  #report(event: {
    kind: 'batch' | 'epoch';
    epoch: number;
    batch: number;
    loss: number;
    metric: number | null;
  }): void {
    this.#hooks.onProgress?.({
      ...event,
      epochs: this.#options.epochs,
      batches: this.#batches.count,
      bestEpoch: this.#best?.epoch ?? null,
      bestMetric: this.#best?.metric ?? null,
    });
  }
}

function checkItems({ numItems }: Graph): void {
  if (numItems >= 2) return;
  throw new DataError('fit', `expected at least 2 items, received ${numItems}`, 'Bring more interactions');
}

/** BPR draws items that a user has not; a user who has all of them leaves none. */
function checkNegatives(graph: Graph, split: Split): void {
  const { rowPtr } = interactionsToCsr(split.train);
  for (let user = 0; user < graph.numUsers; user++) {
    if (rowPtr[user + 1] - rowPtr[user] < graph.numItems) continue;
    throw new DataError(
      'fit',
      `user ${split.train.userIds[user]} has all ${graph.numItems} items, which leaves no negative to draw`,
      'Remove this user or bring more items',
    );
  }
}
