import type { Command } from 'commander';
import type { Protocol } from '../../index.ts';
import { readsCodes } from '../../models/registry.ts';
import { checkReadBySome, checkTrainOptions } from '../../recipe/checkOptions.ts';
import { FIT_OPTIONS } from '../../train/fitOptions.ts';
import { integer, listOf, text } from '../args/arguments.ts';
import {
  add,
  addConfigOptions,
  addOutputOptions,
  type OutputOptions,
  outputOptions,
} from '../args/command.ts';
import { addDataOptions, type DataOptions, dataOptions } from '../args/dataOptions.ts';
import { checkCatalogue, checkNoVectors, checkVectors } from '../args/embedderArguments.ts';
import { INIT_NAMES, type InitName, needsVectors, readsVectors } from '../args/initNames.ts';
import {
  addItemOptions,
  type CatalogueOptions,
  catalogueOptions,
  namesText,
  type VectorOptions,
  vectorOptions,
} from '../args/itemOptions.ts';
import {
  addTrainingOptions,
  initNames,
  type MachineOptions,
  machineOptions,
  protocolNames,
  recipeOptions,
} from '../args/options.ts';
import { parseVaried, type Trial, trialsOf, type Varied } from '../args/variedOptions.ts';
import { inputsOf } from '../dataset.ts';
import { interruptible } from '../interrupt.ts';
import { print, printJson } from '../output.ts';
import { checkOutputs } from '../outputFile.ts';
import { openDataset, openItems, openSession } from '../session.ts';
import { RunStore } from '../study/engine/store.ts';
import { type AskedWorkers, addWorkersOption, askedWorkers } from '../study/engine/workers.ts';
import { flagsOf, tuneTrials, tuningTable } from '../study/tuning.ts';
import { VERSION } from '../version.ts';

const HELP = `
Trains every combination of the values, or --trials of them drawn at random, and ranks them by validation; the test items
are not looked at. With --results it goes on where it was interrupted, and trains nothing twice.

Examples:
  $ llminit tune --interactions ratings.csv --items products.csv --init variance --vary lr=0.001,0.003 --vary reg=1e-4,1e-3
  $ llminit tune --interactions r.csv --items p.csv --vary init=xavier,variance,graph-pca --vary dim=64,128 --seeds 0,1,2
`;

/** Adds the command `tune`. */
export function addTune(program: Command): void {
  const command = program.command('tune').description('search options by validation, and print a table');
  addDataOptions(command);
  addItemOptions(command);
  addTrainingOptions(command);
  addWorkersOption(command);
  add(command, '--init <name>', `of ${INIT_NAMES.join(', ')}`, initNames);
  add(command, '--protocol <name>', 'standard | paper', protocolNames, FIT_OPTIONS.protocol.default);
  command.optionsGroup('Search:');
  const more = (value: string, before: Varied[] | undefined) => [...(before ?? []), parseVaried(value)];
  command.requiredOption('--vary <list...>', 'an option of training and its values: lr=0.001,0.01', more);
  add(
    command,
    '--trials <n>',
    'combinations at most, drawn at random by the first seed',
    integer('--trials', 1),
    32,
  );
  add(
    command,
    '--seeds <list>',
    'of splits, initialisation and training',
    listOf('--seeds', integer('--seeds', 0)),
    [0],
  );
  add(command, '--results <file>', 'keep finished runs here, and go on from them', text('--results'));
  addConfigOptions(command);
  addOutputOptions(command).addHelpText('after', HELP);
  command.action(() => interruptible((signal) => tune(tuneJob(command), signal)));
}

/** What the command line says, by what it is for. */
interface TuneJob {
  readonly data: DataOptions;
  readonly catalogue: CatalogueOptions;
  readonly vectors: VectorOptions;
  readonly trials: readonly Trial[];
  readonly seeds: readonly number[];
  readonly results?: string;
  readonly machine: MachineOptions;
  readonly workers: AskedWorkers;
  readonly output: OutputOptions;
}

interface TuneArguments {
  readonly vary: readonly Varied[];
  readonly trials: number;
  readonly seeds: number[];
  readonly init?: InitName;
  readonly protocol: Protocol;
  readonly results?: string;
  readonly workers?: number;
}

function tuneJob(command: Command): TuneJob {
  const args = command.opts<TuneArguments>();
  const [catalogue, vectors] = [catalogueOptions(command), vectorOptions(command)];
  const { init = 'auto', protocol, seeds, results, workers: asked } = args;
  const trials = trialsOf(command, args.vary, { init, protocol }, args.trials, seeds[0]);
  const inits = [...new Set(trials.map((trial) => trial.init))];
  checkReadBySome(inits, recipeOptions(command));
  for (const trial of trials) checkTrainOptions(trial.init, trial.options, namesText(catalogue, vectors));
  const [machine, output] = [machineOptions(command), outputOptions(command)];
  const workers = askedWorkers(asked, machine);
  return { data: dataOptions(command), catalogue, vectors, trials, seeds, results, machine, workers, output };
}

async function tune(
  { data, catalogue, vectors, trials, seeds, results: path, machine, workers, output }: TuneJob,
  signal: AbortSignal,
): Promise<void> {
  const hasText = namesText(catalogue, vectors);
  const withText = trials.some(
    ({ init, options: { model } }) =>
      readsCodes(model) || needsVectors(init) || (readsVectors(init) && hasText),
  );
  checkCatalogue(catalogue);
  checkVectors(vectors, withText && catalogue.path === undefined);
  if (!withText) checkNoVectors(vectors);
  await checkOutputs({ '--results': path }, inputsOf(data.files, catalogue.path, vectors));
  const store = await RunStore.open(path, 'training');
  const session = await openSession(machine, output.quiet, signal);
  const dataset = await openDataset(data, session);
  const items = await openItems(dataset.itemIds, catalogue, withText ? vectors : null, session);
  const found = await tuneTrials(trials, seeds, dataset, items.embeddings, store, workers, session);
  if (output.json) {
    const facts = { command: 'tune', version: VERSION, data: dataset.report, embeddings: items.report };
    printJson({ ...facts, seeds, trials: found, best: found[0].values });
    return;
  }
  print(tuningTable(found, seeds));
  print(`the best of them: llminit train with ${flagsOf(found[0])}`);
}
