import type { Command } from 'commander';
import { MODELS, type ModelName, PROTOCOLS, type Protocol, type TrainOptions } from '../../index.ts';
import { findModel } from '../../models/registry.ts';
import { TRAIN_OPTIONS } from '../../recipe/options.ts';
import { MOST_THREADS } from '../../runtime/loadThreads.ts';
import { integer, oneOf, type Parser } from './arguments.ts';
import { add } from './command.ts';
import { addDescribed, describedValues, flagValues } from './described.ts';
import { findInit, INIT_NAMES, type InitName } from './initNames.ts';

/** Flags that decide initial tables and training; `init`, protocol and seeds differ between commands. */
const { init: _, protocol: __, seed: ___, ...TRAINING } = TRAIN_OPTIONS;

/** Adds the flags of the recipe and of the machine. */
export function addTrainingOptions(command: Command): Command {
  command.optionsGroup('Training:');
  addDescribed(command, TRAINING);
  const what =
    'threads that compute; the result is the same (default: 2 where the host and --max-memory have room for them)';
  add(command, '--threads <n>', what, integer('--threads', 1, MOST_THREADS));
  const memory = integer('--max-memory', 1);
  const about = 'refuse what is expected to need more memory than this';
  return add(command, '--max-memory <MB>', about, memory, undefined, ['maxMemoryBytes', 'maxProcessBytes']);
}

/** Options of `train` that all runs of a command share. */
export type RecipeOptions = Omit<TrainOptions, 'init' | 'protocol' | 'seed'>;

/** What the flags of `addTrainingOptions` say, as options of `train`. @param others values of flags that win */
export function recipeOptions(
  command: Command,
  others: Readonly<Record<string, unknown>> = {},
): RecipeOptions {
  return describedValues({ ...command.opts(), ...others }, TRAINING);
}

/** The same by the names of the flags, defaults included, for reports. */
export function recipeFlags(command: Command): Record<string, unknown> {
  return flagValues(command.opts(), TRAINING);
}

/** How a job runs; its result does not depend on it. */
export interface MachineOptions {
  /** Undefined: two where the host has them. */
  readonly threads?: number;
  readonly maxMemoryBytes?: number;
}

/** What the flags of `addTrainingOptions` say about the machine. */
export function machineOptions(command: Command): MachineOptions {
  const { threads, maxMemory } = command.opts<{ threads?: number; maxMemory?: number }>();
  return { threads, maxMemoryBytes: maxMemory === undefined ? undefined : maxMemory * 2 ** 20 };
}

/** @throws {OptionError} for an unknown name */
export function initNames(name: string): InitName {
  return initsOf('--init')(name);
}

/** Initialisations by their names or synonyms. @throws {OptionError} from the parser, for an unknown name */
export function initsOf(flag: string): Parser<InitName> {
  const named = oneOf<InitName>(flag, INIT_NAMES);
  return (name) => findInit(name) ?? named(name);
}

/** Models that `fit` trains by their names or synonyms. @throws {OptionError} from the parser, for an unknown name */
export function modelsOf(flag: string): Parser<ModelName> {
  const named = oneOf(flag, MODELS);
  return (name) => findModel(name)?.name ?? named(name);
}

/** @throws {OptionError} for an unknown name */
export function protocolNames(name: string): Protocol {
  return oneOf('--protocol', PROTOCOLS)(name);
}
