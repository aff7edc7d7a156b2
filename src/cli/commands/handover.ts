import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { OptionError } from '../../errors.ts';
import { checkTorchOptions, torchJob } from '../../exchange/torch/job.ts';
import { type Protocol, TrainingData } from '../../index.ts';
import { writeAtomic } from '../../node/files.ts';
import { checkTrainOptions } from '../../recipe/checkOptions.ts';
import { FIT_OPTIONS } from '../../train/fitOptions.ts';
import { integer, listOf, oneOf, text } from '../args/arguments.ts';
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
  type RecipeOptions,
  recipeOptions,
} from '../args/options.ts';
import { engineFile } from '../engineFiles.ts';
import { interruptible } from '../interrupt.ts';
import { configOf } from '../modelRecord.ts';
import { print, printJson } from '../output.ts';
import { checkFolder } from '../outputFile.ts';
import { openDataset, openItems, openSession, openSplit } from '../session.ts';
import { VERSION } from '../version.ts';

const ENGINES = ['torch'] as const;

/** Beside `train.py`, which is what is run. */
const PROGRAM = ['train.py', 'model.py', 'tables.py'];

const HELP = `
Writes a folder with the initial tables, the graph and the options of a training, and with train.py, which trains them
with PyTorch in one process or many. It knows the models lightgcn, bpr-mf and sgcl.

Example:
  $ llminit handover torch --interactions ratings.csv --items products.csv --out job
  $ python3 job/train.py --processes 4
  $ llminit import job --out model.safetensors
`;

/** Adds the command `handover`. */
export function addHandover(program: Command): void {
  const command = program.command('handover').description('write a training for another engine: torch');
  command.argument('<engine>', ENGINES.join(' | '), oneOf('<engine>', ENGINES));
  addDataOptions(command);
  addItemOptions(command);
  addTrainingOptions(command);
  add(command, '--init <name>', `${INIT_NAMES.join(' | ')} (default: auto)`, initNames);
  const seed = 'of split, initialisation and training';
  add(command, '--seed <n>', seed, integer('--seed', 0), FIT_OPTIONS.seed.default);
  add(command, '--protocol <name>', 'standard | paper', protocolNames, FIT_OPTIONS.protocol.default);
  addConfigOptions(command);
  addOutputOptions(command);
  const keep = 'columns of --items that the model keeps, to filter by: category,price';
  add(command, '--keep <list>', keep, listOf('--keep', text('--keep')));
  const batches = 'write the first so many batches of llminit train too, for train.py --batches';
  add(command, '--batches <n>', batches, integer('--batches', 1));
  command.requiredOption('--out <folder>', 'a new or empty folder for the job');
  command.addHelpText('after', HELP);
  command.action(() => interruptible((signal) => handOver(handoverOptions(command), signal)));
}

interface HandoverOptions {
  readonly data: DataOptions;
  readonly catalogue: CatalogueOptions;
  readonly vectors: VectorOptions;
  readonly recipe: RecipeOptions & {
    readonly init: InitName;
    readonly seed: number;
    readonly protocol: Protocol;
  };
  readonly machine: MachineOptions;
  readonly output: OutputOptions;
  readonly out: string;
  readonly batches?: number;
}

function handoverOptions(command: Command): HandoverOptions {
  type Own = Pick<HandoverOptions, 'out' | 'batches'> & Partial<HandoverOptions['recipe']>;
  const {
    init = 'auto',
    seed = FIT_OPTIONS.seed.default,
    protocol = 'standard',
    out,
    batches,
  } = command.opts<Own>();
  const recipe = recipeOptions(command);
  return {
    data: dataOptions(command),
    catalogue: catalogueOptions(command),
    vectors: vectorOptions(command),
    recipe: { ...recipe, model: recipe.model ?? 'lightgcn', init, seed, protocol },
    machine: machineOptions(command),
    output: outputOptions(command),
    ...{ out, batches },
  };
}

async function handOver(options: HandoverOptions, signal: AbortSignal): Promise<void> {
  const { data, catalogue, vectors, recipe, machine, output, out, batches } = options;
  const named = namesText(catalogue, vectors);
  const withText = needsVectors(recipe.init) || (readsVectors(recipe.init) && named);
  checkCatalogue(catalogue);
  checkVectors(vectors, withText && catalogue.path === undefined);
  if (!withText) checkNoVectors(vectors);
  checkTrainOptions(recipe.init, recipe, withText);
  checkTorchOptions(recipe);
  await checkNewFolder(out);

  const session = await openSession(machine, output.quiet, signal);
  const dataset = await openDataset(data, session);
  const items = await openItems(dataset.itemIds, catalogue, withText ? vectors : null, session);
  const { split } = await openSplit(dataset, recipe.seed, session, 'needed');
  const training = new TrainingData(split, items.embeddings, items.titles);
  session.progress.line(`initial tables: init ${recipe.init}, seed ${recipe.seed}`);
  const { files, tables } = await torchJob(training, recipe, {
    ...{ runtime: session.runtime, batches, signal },
    keep: { itemTitles: items.titles, attributes: items.attributes, embeddings: items.lexical },
    config: (config) => configOf({ config }, dataset.report, items.report),
  });
  await writeFolder(out, files);
  const { numUsers: users, numItems, length: interactions } = split.train;
  const names = [...PROGRAM, ...Object.keys(files)];
  const sizes = { users, items: numItems, interactions, dim: tables.dim };
  if (output.json)
    printJson({ command: 'handover', version: VERSION, engine: 'torch', out, files: names, ...sizes });
  else {
    const what = `${users} users, ${numItems} items, ${interactions} interactions, dim ${tables.dim}`;
    print(`wrote ${out}: ${names.join(', ')} (${what})\n`);
    print(
      `  $ python3 ${join(out, 'train.py')} --processes 2\n  $ llminit import ${out} --out model.safetensors`,
    );
  }
}

/** `job.json` comes last: a folder without it is no job. */
async function writeFolder(out: string, files: Readonly<Record<string, Uint8Array>>): Promise<void> {
  await mkdir(out, { recursive: true });
  for (const name of PROGRAM) await writeAtomic(join(out, name), await engineFile(`torch/${name}`));
  for (const [name, bytes] of Object.entries(files)) await writeAtomic(join(out, name), bytes);
}

/** @throws {OptionError} for a folder that holds something: a job is never mixed with another */
async function checkNewFolder(out: string): Promise<void> {
  await checkFolder('--out', out);
  const found = await readdir(out).catch(() => []);
  if (found.length === 0) return;
  const problem = `expected a new or empty folder, received ${out}, which holds ${found[0]}`;
  throw new OptionError('--out', problem, 'Name another, or remove it');
}
