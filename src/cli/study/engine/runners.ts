import { openExperiments } from '../experimentRunner.ts';
import { openTrainings } from '../trainingRunner.ts';
import type { OpenRunner } from './runner.ts';

/** What a worker thread can do, by name. */
export const RUNNERS = { experiment: openExperiments, training: openTrainings } as const satisfies Readonly<
  Record<string, OpenRunner<never, never, unknown>>
>;

export type RunnerName = keyof typeof RUNNERS;
