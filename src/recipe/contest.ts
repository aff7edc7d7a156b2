import { DataError } from '../errors.ts';
import type { FitResult } from '../train/fit.ts';
import type { Candidate, Entry, TrialContext } from './candidates/candidate.ts';
import { interruptedJob, jobCheckpoint } from './jobCheckpoint.ts';
import type { TrainOptions } from './options.ts';

/** What was tried and what came of it. */
export interface Trial {
  readonly name: string;
  readonly scale: number | null;
  /** Validation NDCG@10; null without validation interactions. */
  readonly metric: number | null;
  readonly bestEpoch: number;
  readonly epochs: number;
}

/** What a contest found. */
export interface ContestResult {
  readonly chosen: Candidate;
  readonly trials: readonly Trial[];
}

/**
 * Runs every entry, in order, and keeps the one with the highest validation metric, of equals the first. The state of
 * the whole contest goes to `onCheckpoint` with every state of a training, and when an entry has finished.
 *
 * @throws as the entries; `signal.reason` when aborted
 */
export async function contest(
  entries: readonly Entry[],
  context: Omit<TrialContext, 'onProgress' | 'onCheckpoint' | 'resume'>,
  { onProgress, onCheckpoint, resume }: Pick<TrainOptions, 'onProgress' | 'onCheckpoint' | 'resume'>,
): Promise<ContestResult> {
  const { settings, signal } = context;
  const interrupted = resume && interruptedJob(resume, settings);
  const finished: { entry: Entry; candidate: Candidate }[] = [];
  for (const [n, entry] of entries.entries()) {
    signal?.throwIfAborted();
    const saved = interrupted?.finished[n];
    if (saved) {
      const candidate = await entry.restore(saved, context);
      checkEpochs(candidate, settings.fit.epochs as number);
      finished.push({ entry, candidate });
      continue;
    }
    const candidate = await entry.run({
      ...context,
      onProgress:
        onProgress && ((fit) => onProgress({ trial: n + 1, trials: entries.length, name: entry.name, fit })),
      onCheckpoint: onCheckpoint && ((current) => onCheckpoint(jobCheckpoint(settings, finished, current))),
      resume: n === interrupted?.finished.length ? (interrupted.current ?? undefined) : undefined,
    });
    finished.push({ entry, candidate });
    if (n + 1 < entries.length) await onCheckpoint?.(jobCheckpoint(settings, finished, null));
  }
  const candidates = finished.map(({ candidate }) => candidate);
  const chosen = candidates.reduce((best, next) => ((next.metric ?? 0) > (best.metric ?? 0) ? next : best));
  return { chosen, trials: candidates.map(trialOf) };
}

function trialOf({ name, scale, metric, result }: Candidate): Trial {
  return { name, scale, metric, bestEpoch: result.bestEpoch, epochs: result.history.length };
}

/** A finished trial stands for one with other `epochs` only if something else had ended it before. */
function checkEpochs({ name, result }: Candidate, epochs: number): void {
  const { stoppedBy, history } = result satisfies FitResult;
  const done = history.length;
  if (stoppedBy === 'epochs' ? done === epochs : done <= epochs) return;
  const problem = `expected epochs ${done}, for which the finished trial ${name} ran, received ${epochs}`;
  throw new DataError('resume', problem, 'Resume with the same epochs, or start anew without the checkpoint');
}
