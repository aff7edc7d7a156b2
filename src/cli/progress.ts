import { SingleBar } from 'cli-progress';
import type { FitProgress, TrainProgress } from '../index.ts';
import { printable, printableLine } from './printable.ts';

/** At most one line per this many milliseconds where stderr is no terminal. */
const LINE_INTERVAL_MS = 2000;

/** Tells on stderr how the work goes: a bar on a terminal, plain lines in a pipe, nothing when quiet. */
export interface Progress {
  /** A line that stays. */
  line(text: string): void;
  /** Where a job with countable steps stands. */
  step(label: string, done: number, total: number): void;
  /** Where training stands. */
  training(label: string, progress: FitProgress): void;
  /** Removes the bar; call when a job has ended, also when it failed. */
  end(): void;
}

export function progressTo(stream: NodeJS.WriteStream, quiet: boolean): Progress {
  if (quiet) return { line() {}, step() {}, training() {}, end() {} };
  const progress = stream.isTTY ? barProgress(stream) : lineProgress(stream);
  // Lines and labels hold names of files, ids and texts of others.
  return {
    line: (text) => progress.line(printable(text)),
    step: (label, done, total) => progress.step(printableLine(label), done, total),
    training: (label, event) => progress.training(printableLine(label), event),
    end: progress.end,
  };
}

/** Shows where `train` stands, with the trial where there are several. */
export function trainingProgress(progress: Progress, label: string): (event: TrainProgress) => void {
  return ({ trial, trials, fit, share }) => {
    const name = trials > 1 ? `${label} (trial ${trial} of ${trials})` : label;
    if (fit) progress.training(name, fit);
    else if (share) progress.step(name, Math.round(100 * share), 100);
  };
}

function barProgress(stream: NodeJS.WriteStream): Progress {
  let bar: SingleBar | null = null;
  const show = (label: string, done: number, total: number, detail: string) => {
    if (!bar) {
      const format = '{label} [{bar}] {detail}';
      bar = new SingleBar({ stream, format, clearOnComplete: true, gracefulExit: false });
      bar.start(total, done, { label, detail });
    } else bar.update(done, { label, detail });
  };
  const end = () => {
    bar?.stop();
    bar = null;
  };
  return {
    line(text) {
      end();
      stream.write(`${text}\n`);
    },
    step: (label, done, total) => show(label, done, total, `${done}/${total}`),
    training(label, progress) {
      const { epoch, epochs, batch, batches } = progress;
      const done = progress.kind === 'epoch' ? epoch * batches : (epoch - 1) * batches + batch;
      show(label, done, epochs * batches, trainingDetail(progress));
    },
    end,
  };
}

function lineProgress(stream: NodeJS.WriteStream): Progress {
  let last = Number.NEGATIVE_INFINITY;
  const throttled = (text: string) => {
    const now = performance.now();
    if (now - last < LINE_INTERVAL_MS) return;
    last = now;
    stream.write(`${text}\n`);
  };
  return {
    line: (text) => void stream.write(`${text}\n`),
    step: (label, done, total) => throttled(`${label} ${done}/${total}`),
    training(label, progress) {
      if (progress.kind === 'epoch') throttled(`${label} ${trainingDetail(progress)}`);
    },
    end() {},
  };
}

function trainingDetail({ epoch, epochs, loss, metric, bestEpoch, bestMetric }: FitProgress): string {
  const now = metric === null ? '' : `  validation NDCG@10 ${metric.toFixed(4)}`;
  const best = bestMetric === null ? '' : `  best ${bestMetric.toFixed(4)} (epoch ${bestEpoch})`;
  return `epoch ${epoch}/${epochs}  loss ${loss.toFixed(4)}${now}${best}`;
}
