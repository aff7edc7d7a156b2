import { SingleBar } from 'cli-progress';
import type { FitProgress, TrainProgress } from '../index.ts';
import { printable, printableLine } from './printable.ts';
import { Stopwatch } from './timeLeft.ts';

/** At most one line per this many milliseconds where stderr is no terminal. */
const LINE_INTERVAL_MS = 2000;

/** Tells on stderr how the work goes: a bar on a terminal, plain lines in a pipe, nothing when quiet. */
export interface Progress {
  /** A line that stays. */
  line(text: string): void;
  /** Where a job with countable steps stands. @param free steps that took no time, since they were found finished */
  step(label: string, done: number, total: number, free?: number): void;
  /** Where training stands. */
  training(label: string, progress: FitProgress): void;
  /** Removes the bar; call when a job has ended, also when it failed. */
  end(): void;
}

export function progressTo(stream: NodeJS.WriteStream, quiet: boolean): Progress {
  if (quiet) return { line() {}, step() {}, training() {}, end() {} };
  const progress = stream.isTTY ? barProgress(stream) : lineProgress(stream);
  const watch = new Stopwatch();
  // Lines and labels hold names of files, ids and texts of others.
  return {
    line: (text) => progress.line(printable(text)),
    step(label, done, total, free) {
      const detail = joined(`${done}/${total}`, watch.left(label, done, total, free));
      progress.step(printableLine(label), done, total, detail);
    },
    training(label, event) {
      const { kind, epoch, epochs, batch, batches } = event;
      const done = kind === 'epoch' ? epoch * batches : (epoch - 1) * batches + batch;
      // Early stopping may end it sooner.
      const left = watch.left(label, done, epochs * batches).replace('about', 'at most');
      const detail = joined(trainingDetail(event), left);
      progress.step(printableLine(label), done, epochs * batches, detail, kind === 'epoch');
    },
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

/** How steps are shown. */
interface Shown {
  line(text: string): void;
  /** @param isWorthALine false where there are too many steps for a line each */
  step(label: string, done: number, total: number, detail: string, isWorthALine?: boolean): void;
  end(): void;
}

function joined(detail: string, left: string): string {
  return left === '' ? detail : `${detail}  ${left}`;
}

function barProgress(stream: NodeJS.WriteStream): Shown {
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
    step: show,
    end,
  };
}

function lineProgress(stream: NodeJS.WriteStream): Shown {
  let last = Number.NEGATIVE_INFINITY;
  const throttled = (text: string) => {
    const now = performance.now();
    if (now - last < LINE_INTERVAL_MS) return;
    last = now;
    stream.write(`${text}\n`);
  };
  return {
    line: (text) => void stream.write(`${text}\n`),
    step(label, _done, _total, detail, isWorthALine = true) {
      if (isWorthALine) throttled(`${label} ${detail}`);
    },
    end() {},
  };
}

function trainingDetail({ epoch, epochs, loss, metric, bestEpoch, bestMetric }: FitProgress): string {
  const now = metric === null ? '' : `  validation NDCG@10 ${metric.toFixed(4)}`;
  const best = bestMetric === null ? '' : `  best ${bestMetric.toFixed(4)} (epoch ${bestEpoch})`;
  return `epoch ${epoch}/${epochs}  loss ${loss.toFixed(4)}${now}${best}`;
}
