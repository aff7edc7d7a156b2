import { availableParallelism, totalmem } from 'node:os';
import type { Command } from 'commander';
import { BudgetError, OptionError } from '../../../index.ts';
import { integer } from '../../args/arguments.ts';
import { add } from '../../args/command.ts';
import type { MachineOptions } from '../../args/options.ts';
import { inWords } from '../../predicted.ts';
import { bytesTogether } from '../forecasts.ts';

/** Adds `--workers`. */
export function addWorkersOption(command: Command, beside = '--threads'): void {
  const usual = `as many as processors and memory allow; 1 for a few seconds of work, and beside ${beside}`;
  const about = `runs at a time, each with one thread; the result is the same (default: ${usual})`;
  add(command, '--workers <n>', about, integer('--workers', 1, MOST_WORKERS));
}

/** Seconds of one core below which workers, which take half a second to start, do not pay. */
const WORTH_SECONDS = 5;

/** Workers that are counted at most. */
const MOST_WORKERS = 1024;

/** What the command line says of runs at a time: a number of them, or as many as there is room for. */
export type AskedWorkers = number | 'fitting';

/**
 * What `--workers` and the flags beside it say.
 * @param alone what a run reads that there is only one of, by its flag
 * @throws {OptionError} for workers beside that, and beside several threads
 */
export function askedWorkers(
  asked: number | undefined,
  { threads = 0 }: MachineOptions,
  alone = threads > 1 ? '--threads' : undefined,
): AskedWorkers {
  if (alone === undefined) return asked ?? (threads > 0 ? threads : 'fitting');
  if (asked === undefined || asked === 1) return 1;
  const problem = `expected no ${alone} beside it, received both`;
  throw new OptionError('--workers', problem, 'Leave one of them out');
}

/**
 * Runs at a time.
 * @param needs seconds of one core that all runs take at most, and bytes of a process with the largest of them
 * @param most bytes that the process may take; undefined for those of the machine
 * @throws {BudgetError} for more than the memory is said to hold
 */
export function workersOf(
  asked: AskedWorkers,
  { seconds, bytes }: { readonly seconds: number; readonly bytes: number },
  most: number | undefined,
): number {
  if (asked === 'fitting' && seconds < WORTH_SECONDS) return 1;
  const memory = most ?? memoryOfMachine();
  let fitting = 1;
  while (fitting < MOST_WORKERS && bytesTogether(bytes, fitting + 1) <= memory) fitting++;
  if (asked === 'fitting') return Math.min(availableParallelism(), fitting);
  if (most === undefined || asked <= fitting) return asked;
  const problem = `expected at most ${inWords(most)} of memory for the process, ${asked} runs at a time take about ${inWords(bytesTogether(bytes, asked))}`;
  throw new BudgetError(
    '--workers',
    problem,
    `Pass --workers ${fitting}, or raise the limit`,
    'maxProcessBytes',
  );
}

/** Of the container, where it has less than the machine. */
function memoryOfMachine(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
