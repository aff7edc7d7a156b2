import { Command } from 'commander';
import { OptionError } from '../../index.ts';
import { addDataOptions } from '../args/dataOptions.ts';
import { addItemOptions, addVectorOptions } from '../args/itemOptions.ts';
import { initOf } from './experiments.ts';
import type { Job } from './jobs.ts';
import { takesEmbedders } from './namedDatasets.ts';

/** What a study of a known dataset reads of the options of data and vectors: the rest belongs to the dataset. */
function readBeside(dataset: string): readonly string[] {
  return takesEmbedders(dataset) ? ['order', ...namesOf(addVectorOptions)] : ['order'];
}

/**
 * Refuses options of `reproduce` that nothing would read, those of files beside `--dataset`.
 * @param command after parsing
 * @throws {OptionError} naming the first one
 */
export function refuseUnreadFiles(command: Command): void {
  const { dataset } = command.opts<{ dataset?: string }>();
  const ofFiles = fileOptions();
  for (const [name, flag] of givenOptions(command)) {
    if (dataset === undefined && name === 'data')
      throw new OptionError(flag, 'expected --dataset beside it, received none', 'Name the dataset in it');
    if (dataset === undefined || !ofFiles.has(name) || readBeside(dataset).includes(name)) continue;
    const problem = `expected --interactions beside it, received --dataset ${dataset}`;
    const remedy = `Leave it out, for ${dataset} has its own files, filters and vectors; or name files instead`;
    throw new OptionError(flag, problem, remedy);
  }
}

/**
 * Refuses values that no run of a study has: a model or a protocol that the experiments leave out.
 * @param jobs all runs of the study
 * @throws {OptionError} naming the first one
 */
export function refuseUnreadValues(
  command: Command,
  experiments: readonly string[],
  jobs: readonly Job[],
): void {
  const values = command.opts<Record<string, unknown>>();
  for (const [name, flag] of givenOptions(command)) {
    const varied = Object.hasOwn(VARIED, name) ? VARIED[name] : null;
    if (!varied) continue;
    const found = new Set(jobs.map(varied));
    const unread = [values[name]].flat().find((value) => !found.has(value));
    if (unread === undefined) continue;
    const problem = `expected values that ${experiments.join(', ')} has runs for, received ${unread}`;
    throw new OptionError(flag, problem, 'Leave it out, or add an experiment that varies it');
  }
}

/** Options whose values are told apart in jobs. */
const VARIED: Readonly<Record<string, (job: Job) => unknown>> = {
  models: ({ model }) => model,
  inits: initOf,
  protocol: ({ protocol }) => protocol,
};

/** Names and flags of the options on the command line. */
function givenOptions(command: Command): [name: string, flag: string][] {
  return command.options
    .map((option): [string, string] => [option.attributeName(), option.long!])
    .filter(([name]) => command.getOptionValueSource(name) === 'cli');
}

/** Names of the options that say which files are read, and how. */
function fileOptions(): ReadonlySet<string> {
  return new Set([...namesOf(addDataOptions), ...namesOf(addItemOptions)]);
}

function namesOf(addOptions: (command: Command) => unknown): string[] {
  const command = new Command();
  addOptions(command);
  return command.options.map((option) => option.attributeName());
}
