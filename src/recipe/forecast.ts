import { BudgetError } from '../errors.ts';
import { MOST_CLOSED_BYTES } from '../runtime/threads.ts';
import { Budget, reservedFor, secondsOf } from './budget.ts';
import type { Entry } from './candidates/candidate.ts';
import type { TrainOptions } from './options.ts';
import { type TrainingSize, USUAL_DIM } from './size.ts';

/** What a stage of a training is expected to take at most: processor time of one usual core, and memory of the process. */
export interface StageForecast {
  readonly stage: string;
  readonly seconds: number;
  /** Epochs or settings, at most, and the seconds of one. */
  readonly units: number;
  readonly unitSeconds: number;
  readonly bytes: number;
  /** Why it will not be tried; null where it will. */
  readonly skipped: string | null;
}

/** What a training is expected to take at most. */
export interface Forecast {
  readonly stages: readonly StageForecast[];
  /** Of all stages. */
  readonly seconds: number;
  /** Of the stage that takes most. */
  readonly bytes: number;
  /** Users that the result is tested on, at most: fewer than there are where ranking for all would take very long. */
  readonly testUsers: number;
  /** Interactions per update with which epochs take a fraction of the time; null where the batch is sensible. */
  readonly batch: { readonly size: number; readonly unitSeconds: number } | null;
}

/** Bytes of a process that has read nothing: the engine, this package, its kernels, garbage of everyday work. */
export const PROCESS_BYTES = 96 * 2 ** 20;
/** A thread beside the first: its engine and its copy of the code. */
const THREAD_BYTES = 10 * 2 ** 20;
/** Bytes of a test user: the metrics of some cut-offs, and the lists they come from. */
const USER_BYTES = 220;
/** Bytes of an interaction while a model file is written: histories of the parts, and of all. */
const WRITTEN_EDGE_BYTES = 12;
/** Bytes of an id in the file, and of where it and a history begin. */
const ID_TEXT_BYTES = 24;
/** Bytes of an interaction, and of an item's row, where a model ranks. */
const [EDGE_BYTES, RANKED_BYTES] = [12, 1024];
/** Seconds of an epoch below which its batch needs no word. */
const SHORT_EPOCH = 60;
/** Seconds that a test may take, as counted work, and users that it has at least. */
const [TEST_SECONDS, LEAST_TESTED] = [120, 20_000];
/** The most interactions per update that are proposed. */
const MOST_BATCH = 2 ** 17;

/** Of a process that has read nothing and computes with so many threads, which free memory of earlier jobs by and by. */
export function processBytes(threads: number): number {
  return PROCESS_BYTES + (threads - 1) * THREAD_BYTES + (threads > 1 ? MOST_CLOSED_BYTES : 0);
}

/**
 * What the entries of a training will take, in their order.
 * @param budget of a choice, in seconds; null: no limit
 */
export function forecast(
  entries: readonly Entry[],
  size: TrainingSize,
  options: TrainOptions,
  { budget, threads }: { readonly budget: number | null; readonly threads: number },
): Forecast {
  const left = budget === null ? null : new Budget(budget);
  let held = processBytes(threads) + size.dataBytes;
  const stages = entries.map((entry, n): StageForecast => {
    const cost = entry.cost(size, options);
    const units = left ? left.affordable(cost, reservedFor(entries, n, size, options)) : cost.units;
    const shown = { stage: entry.name, units, unitSeconds: secondsOf({ ...cost, fixed: 0 }, 1) };
    if (units < 1) return { ...shown, seconds: 0, bytes: 0, skipped: 'the budget is too small' };
    left?.spend(cost, units);
    const { working, kept } = entry.bytes(size, options, threads);
    const bytes = held + working;
    held += kept;
    return { ...shown, seconds: secondsOf(cost, units), bytes, skipped: null };
  });
  const testUsers = mostTested(entries, stages, size, options);
  if (size.test > 0) stages.push(testing(entries, stages, size, options, { held, testUsers }));
  return {
    stages,
    testUsers,
    seconds: stages.reduce((sum, stage) => sum + stage.seconds, 0),
    bytes: stages.reduce((most, stage) => Math.max(most, stage.bytes), held + writing(size)),
    batch: entries.length === 1 ? betterBatch(entries[0], size, options) : null,
  };
}

/** Bytes while the model file is written in pieces. */
function writing({ graph, valid, test }: TrainingSize): number {
  return WRITTEN_EDGE_BYTES * (graph.numEdges + valid + test) + ID_TEXT_BYTES * graph.numNodes;
}

/** Multiplications of ranking for one user by what may be chosen. */
function queryWork(
  entries: readonly Entry[],
  stages: readonly StageForecast[],
  size: TrainingSize,
  options: TrainOptions,
): number {
  const tried = entries.filter((_, n) => stages[n].skipped === null);
  return tried.reduce((most, entry) => Math.max(most, entry.ranking(size, options)), 1);
}

/** Test users that counted work allows, whatever is chosen. */
function mostTested(...given: Parameters<typeof queryWork>): number {
  const second = secondsOf({ fixed: 0, unit: queryWork(...given), units: 1 }, 1);
  return Math.max(LEAST_TESTED, Math.floor(TEST_SECONDS / second));
}

/** Ranking for the test users by what may be chosen. */
function testing(
  entries: readonly Entry[],
  stages: readonly StageForecast[],
  size: TrainingSize,
  options: TrainOptions,
  { held, testUsers }: { readonly held: number; readonly testUsers: number },
): StageForecast {
  const query = queryWork(entries, stages, size, options);
  const users = Math.min(size.test, testUsers);
  const seconds = secondsOf({ fixed: 0, unit: query, units: users }, users);
  const { numUsers, numEdges, numItems } = size.graph;
  const bytes = held + USER_BYTES * numUsers + EDGE_BYTES * numEdges + RANKED_BYTES * numItems;
  return { stage: 'test', seconds, units: 1, unitSeconds: seconds, bytes, skipped: null };
}

/** The interactions per update with which an epoch takes least, where that is less than half of a long one. */
function betterBatch(
  entry: Entry,
  { graph, ...size }: TrainingSize,
  options: TrainOptions,
): Forecast['batch'] {
  const epoch = (batchSize?: number) => {
    const given = batchSize === undefined ? options : { ...options, batchSize };
    return secondsOf({ ...entry.cost({ graph, ...size }, given), fixed: 0 }, 1);
  };
  const now = epoch();
  if (now < SHORT_EPOCH) return null;
  let best = { size: 0, unitSeconds: now };
  for (let batch = 64; batch <= Math.min(MOST_BATCH, graph.numEdges); batch *= 2) {
    const unitSeconds = epoch(batch);
    // Fewer updates an epoch learn less in it: a larger batch has to be worth it.
    if (unitSeconds < 0.8 * best.unitSeconds) best = { size: batch, unitSeconds };
  }
  return best.unitSeconds < now / 2 ? best : null;
}

/**
 * What to change so that a training fits some bytes: the first of one thread, a smaller table, a smaller batch, and those two
 * with one thread, with the bytes it takes then; null where none does.
 */
export function whatFits(
  entries: readonly Entry[],
  size: TrainingSize,
  options: TrainOptions,
  { threads, most }: { readonly threads: number; readonly most: number },
): { readonly change: string; readonly bytes: number } | null {
  const bytesOf = (given: TrainOptions, used: number) =>
    forecast(entries, size, given, { budget: null, threads: used }).bytes;
  const { dim = USUAL_DIM, batchSize } = options;
  const smaller: [change: string, given: TrainOptions][] = [];
  for (let less = Math.floor(dim / 2 / 16) * 16; less >= 16; less = Math.floor(less / 2 / 16) * 16)
    smaller.push([`dim ${less}`, { ...options, dim: less }]);
  for (let less = (batchSize ?? 0) / 2; less >= 256; less /= 2)
    smaller.push([`batchSize ${Math.round(less)}`, { ...options, batchSize: Math.round(less) }]);
  const changes: [change: string, given: TrainOptions, threads: number][] = smaller.map((one) => [
    ...one,
    threads,
  ]);
  if (threads > 1) {
    changes.unshift(['threads 1', options, 1]);
    for (const [change, given] of smaller) changes.push([`threads 1 and ${change}`, given, 1]);
  }
  for (const [change, given, used] of changes) {
    const bytes = bytesOf(given, used);
    if (bytes <= most) return { change, bytes };
  }
  return null;
}

/** The refusal of a stage that is expected to take more than `most` bytes. @param fitting what would fit; null for nothing known */
export function tooMuchMemory(
  stage: string,
  bytes: number,
  most: number,
  fitting: ReturnType<typeof whatFits>,
): BudgetError {
  const problem = `expected at most ${megabytes(most)} of memory for the process, ${stage} takes about ${megabytes(bytes)}`;
  const raise = `raise the limit to ${megabytes(bytes)}`;
  const remedy = fitting
    ? `With ${fitting.change} it takes about ${megabytes(fitting.bytes)}; or ${raise}`
    : `Take fewer users and items (a higher k-core), or ${raise}`;
  return new BudgetError('train', problem, remedy, 'maxProcessBytes');
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MB`;
}
