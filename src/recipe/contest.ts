import { BudgetError, DataError, type LlminitError, UnsupportedError } from '../errors.ts';
import type { JsonValue } from '../format/json.ts';
import { Budget, reservedFor, secondsOf } from './budget.ts';
import type { Candidate, Cost, Entry, TrialContext } from './candidates/candidate.ts';
import { Deadline, OutOfTime } from './deadline.ts';
import { processBytes, tooMuchMemory, whatFits } from './forecast.ts';
import { interruptedJob, jobCheckpoint, type Outcome } from './jobCheckpoint.ts';
import type { TrainOptions } from './options.ts';
import type { TrainSettings } from './settings.ts';

/**
 * What was tried and what came of it.
 *
 * @example
 * const { trials } = await train({ split, embeddings }, { budget: 5 });
 * for (const { name, metric, skipped } of trials as readonly Trial[]) console.log(name, metric, skipped);
 */
export interface Trial {
  readonly name: string;
  /** `lightgcn`, `l3ae`, `blend` …; null where it was skipped. */
  readonly model: string | null;
  /** Validation NDCG@10; null without validation interactions, and where it was skipped. */
  readonly metric: number | null;
  /** How many settings, epochs or weights were compared on the validation interactions. */
  readonly compared: number;
  /** Settings that were chosen, or epochs. */
  readonly report: Readonly<Record<string, JsonValue>>;
  /** Why there is no result; null where there is one. */
  readonly skipped: string | null;
}

/**
 * What a contest found.
 *
 * @example
 * const tried = ({ chosen, trials }: ContestResult) => `${chosen.name} of ${trials.length}`;
 */
export interface ContestResult {
  readonly chosen: Candidate;
  readonly trials: readonly Trial[];
}

/**
 * Runs every entry, in order, and keeps the one with the highest validation metric, of equals the first. An entry that
 * the budget cannot pay, or that cannot work on these data, is skipped as long as another one works. The state of the
 * whole contest goes to `onCheckpoint` with every state of a training, and when an entry has finished.
 *
 * @throws as the entries; `signal.reason` when aborted
 * @throws {BudgetError} when the budget or the time is too small for any entry
 */
export async function contest(
  entries: readonly Entry[],
  settings: TrainSettings,
  context: Omit<TrialContext, 'onProgress' | 'onCheckpoint' | 'resume' | 'finished' | 'units'>,
  hooks: Pick<TrainOptions, 'onProgress' | 'onCheckpoint' | 'resume'>,
): Promise<ContestResult> {
  const deadline = new Deadline(context.signal, settings.stopAfter ?? undefined);
  const timed = { ...context, signal: deadline.signal };
  const contestants = new Contestants(entries, settings, timed, deadline, hooks);
  try {
    for (const [n, entry] of entries.entries()) await contestants.run(n, entry);
  } finally {
    deadline.close();
  }
  return contestants.result();
}

const TIME_IS_UP = 'the time was up';

/** Entries under way. */
class Contestants {
  readonly #entries: readonly Entry[];
  readonly #settings: TrainSettings;
  readonly #context: Omit<TrialContext, 'finished' | 'units'>;
  readonly #deadline: Deadline;
  readonly #hooks: Pick<TrainOptions, 'onProgress' | 'onCheckpoint' | 'resume'>;
  readonly #interrupted: ReturnType<typeof interruptedJob> | undefined;
  readonly #budget: Budget | null;
  readonly #outcomes: Outcome[] = [];
  /** What did not fit into memory. */
  readonly #refusals: BudgetError[] = [];

  constructor(
    entries: readonly Entry[],
    settings: TrainSettings,
    context: Omit<TrialContext, 'finished' | 'units'>,
    deadline: Deadline,
    hooks: Pick<TrainOptions, 'onProgress' | 'onCheckpoint' | 'resume'>,
  ) {
    this.#entries = entries;
    this.#settings = settings;
    this.#context = context;
    this.#deadline = deadline;
    this.#hooks = hooks;
    this.#interrupted = hooks.resume && interruptedJob(hooks.resume, settings);
    this.#budget = settings.budget === null ? null : new Budget(settings.budget);
  }

  /** Runs an entry, or takes over what it gave before an interruption. */
  async run(n: number, entry: Entry): Promise<void> {
    const finished = this.#outcomes.flatMap(({ candidate }) => candidate ?? []);
    const { size, options } = this.#context;
    const cost = entry.cost(size, options);
    const reserved = reservedFor(this.#entries, n, size, options);
    const units = this.#budget ? this.#budget.affordable(cost, reserved) : cost.units;
    const context = { ...this.#context, finished, units };
    const saved = this.#interrupted?.finished[n];
    if (saved) {
      const { skipped } = saved;
      this.#outcomes.push(
        skipped === null
          ? { entry, candidate: await entry.restore(saved, context), skipped }
          : { entry, candidate: null, skipped },
      );
    } else this.#outcomes.push(await this.#outcome(n, entry, context, cost));
    if (this.#outcomes[n].candidate) this.#budget?.spend(cost, units);
    const { onCheckpoint } = this.#hooks;
    if (!saved && n + 1 < this.#entries.length)
      await onCheckpoint?.(jobCheckpoint(this.#settings, this.#outcomes, null));
  }

  async #outcome(n: number, entry: Entry, context: TrialContext, cost: Cost): Promise<Outcome> {
    const { needs = [] } = entry;
    const skip = (skipped: string): Outcome => ({ entry, candidate: null, skipped });
    const missing = needs.find((name) => !context.finished.some((candidate) => candidate.name === name));
    if (missing !== undefined) return skip(`${missing} has no result`);
    if (context.units < 1) return skip(this.#unaffordable(cost));
    if (this.#deadline.over) return skip(TIME_IS_UP);
    context.signal?.throwIfAborted();
    const { onProgress, onCheckpoint } = this.#hooks;
    const trial = { trial: n + 1, trials: this.#entries.length, name: entry.name };
    onProgress?.({ ...trial, fit: null, share: 0 });
    try {
      this.#checkMemory(entry);
      const candidate = await entry.run({
        ...context,
        onProgress: onProgress && ((fit) => onProgress({ ...trial, fit, share: null })),
        onShare: onProgress && ((share) => onProgress({ ...trial, fit: null, share })),
        onCheckpoint:
          onCheckpoint && ((current) => onCheckpoint(jobCheckpoint(this.#settings, this.#outcomes, current))),
        resume:
          n === this.#interrupted?.finished.length ? (this.#interrupted.current ?? undefined) : undefined,
      });
      return { entry, candidate, skipped: null };
    } catch (error) {
      if (error instanceof OutOfTime) return skip(TIME_IS_UP);
      const isFinal = this.#entries.length === 1 || this.#settings.repeat;
      if (isFinal || !isOfData(error) || isOfResume(error)) throw error;
      if (error instanceof BudgetError) this.#refusals.push(error);
      return skip(error.message);
    }
  }

  /** @throws {BudgetError} where the process is expected to take more than it may */
  #checkMemory(entry: Entry): void {
    const { size, options, runtime } = this.#context;
    const { maxProcessBytes: most } = options;
    if (most === undefined) return;
    const { threads } = runtime;
    const { working } = entry.bytes(size, options, threads);
    const bytes = this.#held + working;
    if (bytes <= most) return;
    const fitting = whatFits([entry], size, options, { threads, most });
    throw tooMuchMemory(entry.name, bytes, most, fitting);
  }

  /** Bytes of the process between two entries. */
  get #held(): number {
    const { size, options, runtime } = this.#context;
    const kept = this.#outcomes.map(({ entry, candidate }) =>
      candidate ? entry.bytes(size, options, runtime.threads).kept : 0,
    );
    return kept.reduce((sum, bytes) => sum + bytes, processBytes(runtime.threads) + size.dataBytes);
  }

  #unaffordable(cost: Cost): string {
    const needed = secondsOf(cost, 1).toPrecision(3);
    return `it needs a budget of ${needed} s, of which ${this.#budget!.seconds.toPrecision(3)} s are left`;
  }

  result(): ContestResult {
    const candidates = this.#outcomes.flatMap(({ candidate }) => candidate ?? []);
    if (candidates.length === 0) {
      // Memory is what lacks: the first says how much, and what would fit.
      if (this.#refusals.length > 0) throw this.#refusals[0];
      const reasons = this.#outcomes.map(({ entry, skipped }) => `${entry.name}: ${skipped}`).join('; ');
      const problem = `expected a budget and data for one model at least, received none that works (${reasons})`;
      throw this.#outcomes.some(({ skipped }) => skipped === TIME_IS_UP)
        ? new BudgetError('train', problem, 'Stop later, or name a model', 'stopAfter')
        : new BudgetError('train', problem, 'Raise the budget, or name a model', 'budget');
    }
    // Nothing is chosen again: the last entry is what was chosen, the others are its parts.
    if (this.#settings.repeat) {
      const chosen = candidates[candidates.length - 1];
      return { chosen, trials: this.#outcomes.map(trialOf) };
    }
    const better = (best: Candidate, next: Candidate) =>
      (next.metric ?? 0) > (best.metric ?? 0) ? next : best;
    return { chosen: candidates.reduce(better), trials: this.#outcomes.map(trialOf) };
  }
}

function trialOf({ entry, candidate, skipped }: Outcome): Trial {
  if (!candidate) return { name: entry.name, model: null, metric: null, compared: 0, report: {}, skipped };
  const { name, model, metric, compared, report } = candidate;
  return { name, model, metric, compared, report, skipped: null };
}

/** A state that does not belong here says nothing of the entry: left out, another one would be chosen than without the interruption. */
function isOfResume(error: LlminitError): boolean {
  return error.option === 'resume';
}

/** Whether the data or the machine are at fault, rather than the caller. */
function isOfData(error: unknown): error is LlminitError {
  return error instanceof DataError || error instanceof BudgetError || error instanceof UnsupportedError;
}
