import type { Graph } from '../data/graph.ts';
import type { Split } from '../data/splits.ts';
import { DataError, OptionError } from '../errors.ts';
import type { JsonValue } from '../format/json.ts';
import type { Model } from '../models/model.ts';
import type { ModelState } from '../models/parameters/parameters.ts';
import type { Matrix } from '../runtime/buffers.ts';
import type { Checkpoint, EpochRecord } from './checkpoint.ts';
import { checkParts } from './checkpointState.ts';
import { checkFingerprint, checkTables } from './checkResume.ts';
import { hasFiniteScores } from './divergence.ts';
import { isExhausted } from './earlyStopping.ts';
import type { Batches } from './epochBatches.ts';
import type { ResolvedOptions } from './fitOptions.ts';
import type { FitResult } from './fitResult.ts';
import type { InitialTables } from './initialTables.ts';
import type { FitOptions } from './options.ts';
import { orderWarning } from './orderOfTime.ts';
import type { TrainingMemory } from './trainingMemory.ts';
import { validator } from './validation.ts';
import { WeightAverage } from './weightAverage.ts';

/** How long the loop runs before other tasks of the host get a turn. */
const YIELD_MS = 50;

/** How an epoch ended: what stands in the history, or what was no longer a number. */
type Epoch = { readonly record: EpochRecord } | { readonly diverged: string };

/** One training from its start, or from a checkpoint, to its end. */
export class Run {
  readonly #graph: Graph;
  readonly #dim: number;
  readonly #options: ResolvedOptions;
  readonly #hooks: FitOptions;
  readonly #model: Model;
  readonly #average: WeightAverage;
  readonly #batches: Batches;
  readonly #validate: ((z: Matrix) => Promise<number>) | null;
  /** Of the validation metric. */
  readonly #minRise: number;
  readonly #fingerprint: Record<string, JsonValue>;
  /** What is to be said about the split, whatever comes of the training. */
  readonly #orderWarning: string | null;
  #best: Checkpoint['best'] = null;
  readonly #history: EpochRecord[] = [];
  #steps = 0;
  #lossSum = 0;
  #lastYield = 0;

  constructor(
    { model, batches, ranker }: TrainingMemory,
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
    this.#graph = graph;
    this.#dim = dim;
    this.#options = options;
    this.#hooks = hooks;
    model.start(graph, e0);
    batches.start(graph);
    this.#model = model;
    this.#batches = batches;
    this.#average = new WeightAverage(this.#model.parameters, options.averaging);
    this.#validate =
      ranker && validator(ranker, split, options.protocol, hooks.signal, () => graph.sequences);
    this.#minRise = options.minRise / Math.sqrt(Math.max(1, new Set(split.valid.users).size));
    this.#orderWarning = this.#model.sequence ? orderWarning(split) : null;
    this.#fingerprint = {
      ...options.fingerprint,
      dim,
      numUsers: graph.numUsers,
      numItems: graph.numItems,
      interactions: split.train.length,
      validation: split.valid.length,
    };
  }

  /** @throws {DataError} when training diverges before an epoch was good */
  async train(): Promise<FitResult> {
    let { epoch, batch } = this.#resume();
    let warning: string | null = null;
    for (; epoch <= this.#options.epochs && !this.#exhausted(); epoch++, batch = 0) {
      const ended = await this.#epoch(epoch, batch);
      if ('diverged' in ended) {
        warning = this.#onDivergence(epoch, ended.diverged);
        break;
      }
      await this.#finish(ended.record);
    }
    const stoppedBy = warning !== null ? 'diverged' : this.#exhausted() ? 'patience' : 'epochs';
    return { ...this.#result(), stoppedBy, warning: warning ?? this.#orderWarning };
  }

  async #epoch(epoch: number, firstBatch: number): Promise<Epoch> {
    const batches = this.#batches;
    this.#model.beginEpoch(epoch);
    batches.begin(epoch);
    if (firstBatch === 0) this.#lossSum = 0;
    for (let batch = firstBatch; batch < batches.count; batch++) {
      await this.#pause(epoch, batch);
      this.#lossSum += this.#model.step(batches.batch(batch));
      if (!Number.isFinite(this.#lossSum)) return { diverged: `the loss became ${this.#lossSum}` };
      this.#average.update();
      this.#steps++;
      const loss = this.#lossSum / (batch + 1);
      this.#report({ kind: 'batch', epoch, batch: batch + 1, loss, metric: null });
    }
    const loss = this.#lossSum / batches.count;
    const validate = epoch % this.#options.evaluateEvery === 0 ? this.#validate : null;
    if (!validate) return { record: { epoch, loss, metric: null } };
    const validated = this.#average.applied(async (): Promise<Epoch> => {
      const z = this.#model.propagate();
      // The loss is that of before the last update.
      if (!hasFiniteScores(z, this.#graph.numUsers)) return { diverged: 'scores became too large for f32' };
      return { record: { epoch, loss, metric: await validate(z) } };
    });
    return validated.catch((error) => this.#stop(epoch, batches.count, error));
  }

  async #finish(record: EpochRecord): Promise<void> {
    const { epoch, loss, metric } = record;
    if (metric !== null && (this.#best === null || metric > this.#best.metric)) {
      this.#best = { epoch, metric, parameters: this.#average.values() };
    }
    this.#history.push(record);
    this.#report({ kind: 'epoch', epoch, batch: this.#batches.count, loss, metric });
    const { checkpointEvery, onCheckpoint } = this.#hooks;
    if (onCheckpoint && checkpointEvery && epoch % checkpointEvery === 0) {
      await onCheckpoint(this.#checkpoint(epoch + 1, 0));
    }
  }

  #exhausted(): boolean {
    return isExhausted(this.#history, this.#best?.epoch ?? null, this.#options.patience, this.#minRise);
  }

  /** What is to be said where the best weights remain. @throws {DataError} where there are none */
  #onDivergence(epoch: number, what: string): string {
    const best = this.#best;
    if (best)
      return `Training diverged: ${what} in epoch ${epoch}. The weights of epoch ${best.epoch} were kept`;
    throw new DataError(
      'fit',
      `training diverged: ${what} in epoch ${epoch}`,
      'Lower learningRate, or scale the initial rows down (normalize: true)',
      'optimizer.learningRate',
    );
  }

  #result(): Omit<FitResult, 'stoppedBy' | 'warning'> {
    const { numUsers, numItems } = this.#graph;
    const { parameters } = this.#model;
    parameters.setValues(this.#best?.parameters ?? this.#average.values());
    const last = this.#history.length;
    const z = this.#model.propagate();
    if (!hasFiniteScores(z, numUsers)) this.#onDivergence(last, 'scores became too large for f32');
    return {
      factors: { users: z.slice(0, numUsers).read(), items: z.slice(numUsers, numItems).read(), dim: z.dim },
      parameters: parameters.values().slice(0, parameters.e0.rows * this.#dim),
      adapter: parameters.itemMap(),
      sequence: this.#model.sequence?.() ?? null,
      bestEpoch: this.#best?.epoch ?? last,
      bestMetric: this.#best?.metric ?? null,
      history: this.#history,
    };
  }

  /** Lets the host run other tasks now and then, and stops here when the signal says so. */
  async #pause(epoch: number, batch: number): Promise<void> {
    const now = performance.now();
    if (now - this.#lastYield > YIELD_MS) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      this.#lastYield = performance.now();
    }
    if (this.#hooks.signal?.aborted) await this.#stop(epoch, batch, this.#hooks.signal.reason);
  }

  /** Ends the run; where the signal asked for it, with a checkpoint before this batch, the last one being the validation. */
  async #stop(epoch: number, batch: number, reason: unknown): Promise<never> {
    const { signal, onCheckpoint } = this.#hooks;
    if (signal?.aborted) await onCheckpoint?.(this.#checkpoint(epoch, batch));
    throw reason;
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
      model: this.#state(),
    };
  }

  #state(): ModelState {
    return { ...this.#model.parameters.state(), ...this.#average.state() };
  }

  #resume(): { epoch: number; batch: number } {
    const { resume } = this.#hooks;
    if (!resume) return { epoch: 1, batch: 0 };
    checkParts(resume, 'resume');
    checkFingerprint(resume.fingerprint, this.#fingerprint);
    if (resume.epoch - 1 > this.#options.epochs) {
      throw new OptionError(
        'fit',
        `expected epochs ≥ ${resume.epoch - 1}, which the checkpoint has done, received ${this.#options.epochs}`,
        'Raise epochs, or start anew without the checkpoint',
        'epochs',
      );
    }
    const { parameters } = this.#model;
    checkTables(resume, this.#state(), parameters.values().length, this.#batches.count);
    parameters.restore(resume.model, resume.steps);
    this.#average.restore(resume.model);
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
