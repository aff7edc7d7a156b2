import { type Forecast, PROCESS_BYTES } from '../../recipe/forecast.ts';
import { duration, forecastLines, inWords } from '../predicted.ts';
import type { Progress } from '../progress.ts';

/** Runs that are alike, and what one of them is expected to take at most. */
export interface ForeseenRuns {
  readonly runs: number;
  readonly forecast: Forecast;
}

/** What the runs of a study are expected to take at most. */
export interface StudyForecast {
  readonly runs: number;
  /** Of one core, all runs together. */
  readonly seconds: number;
  /** Of the process, where so many of the largest run at a time. */
  readonly bytes: number;
  readonly workers: number;
  /** Of the run that takes longest. */
  readonly longest: Forecast;
}

/** Memory of a worker beside what its run takes: an engine, its code and its own copy of the kernels. */
const WORKER_BYTES = 48 * 2 ** 20;

/** Memory of the process with so many workers, each with a run of so many bytes. */
export function bytesTogether(bytes: number, workers: number): number {
  return PROCESS_BYTES + workers * (bytes - PROCESS_BYTES + WORKER_BYTES);
}

/** Bytes of the run that takes most memory; those of a process without one for no run. */
export function largestOf(foreseen: readonly ForeseenRuns[]): number {
  return foreseen.reduce((most, { forecast }) => Math.max(most, forecast.bytes), PROCESS_BYTES);
}

/** Seconds of one core that all runs take at most. */
export function secondsOfAll(foreseen: readonly ForeseenRuns[]): number {
  return foreseen.reduce((sum, { runs, forecast }) => sum + runs * forecast.seconds, 0);
}

/** @param workers runs at a time; null where the process itself runs them, one by one */
function studyForecast(foreseen: readonly ForeseenRuns[], workers: number | null): StudyForecast | null {
  const longest = longestOf(foreseen);
  if (!longest) return null;
  const runs = foreseen.reduce((sum, own) => sum + own.runs, 0);
  const largest = largestOf(foreseen);
  const together = Math.min(workers ?? 1, runs);
  return {
    runs,
    seconds: secondsOfAll(foreseen),
    bytes: workers === null ? largest : bytesTogether(largest, together),
    workers: together,
    longest,
  };
}

/** The forecast of the run that takes longest; null for no run. */
function longestOf(foreseen: readonly ForeseenRuns[]): Forecast | null {
  const longer = (most: Forecast | null, { forecast }: ForeseenRuns) =>
    forecast.seconds > (most?.seconds ?? -1) ? forecast : most;
  return foreseen.reduce(longer, null);
}

/** Tells what the runs are expected to take, before the first begins. @param workers as `studyForecast` */
export function tellForecast(
  foreseen: readonly ForeseenRuns[],
  workers: number | null,
  progress: Progress,
): StudyForecast | null {
  const whole = studyForecast(foreseen, workers);
  for (const line of whole ? studyForecastLines(whole) : []) progress.line(line);
  return whole;
}

/** The same in lines. */
function studyForecastLines({ runs, seconds, bytes, workers, longest }: StudyForecast): string[] {
  const [first, ...more] = forecastLines(longest);
  const shared =
    workers > 1 ? `, about ${duration(seconds / workers)} by the clock with ${workers} workers` : '';
  const all = `${runs} ${runs === 1 ? 'run' : 'runs'}, expected at most: ${inWords(bytes)} of memory, ${duration(seconds)} of one core${shared}`;
  return runs === 1 ? [`a run is ${first}`, ...more] : [all, `the longest is ${first}`, ...more];
}

/** The same as JSON. */
export function studyForecastJson({ runs, seconds, bytes, workers, longest }: StudyForecast) {
  const rounded = (value: number) => Number(value.toPrecision(3));
  return {
    ...{ runs, workers, seconds: rounded(seconds), bytes: Math.round(bytes) },
    longestSeconds: rounded(longest.seconds),
  };
}
