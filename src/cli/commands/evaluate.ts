import type { Command } from 'commander';
import { CUTOFFS, MODELS, OptionError, type Protocol } from '../../index.ts';
import { BASELINES, type BaselineName, baselineReadsVectors } from '../../recipe/baselines.ts';
import { checkReadBySome, checkTrainOptions } from '../../recipe/options.ts';
import { integer, listOf, oneOf, text } from '../args/arguments.ts';
import { add, addOutputOptions, outputOptions } from '../args/command.ts';
import { addDataOptions, dataOptions } from '../args/dataOptions.ts';
import { checkCatalogue, checkVectors } from '../args/embedderArguments.ts';
import { INIT_NAMES, type InitName, readsVectors } from '../args/initNames.ts';
import { addItemOptions, catalogueOptions, vectorOptions } from '../args/itemOptions.ts';
import {
  addTrainingOptions,
  initNames,
  machineOptions,
  protocolNames,
  recipeFlags,
  recipeOptions,
} from '../args/options.ts';
import { inputsOf } from '../dataset.ts';
import { interruptible } from '../interrupt.ts';
import { print, printJson } from '../output.ts';
import { checkOutputs } from '../outputFile.ts';
import { openDataset, openItems, openSession } from '../session.ts';
import { type ComparisonPlan, optionsOf, runAll } from '../study/comparison.ts';
import { addMeasureOptions, checkMeasures, type MeasureOptions, PerUserFile } from '../study/measures.ts';
import { openResults } from '../study/results.ts';
import { studyTable, summarize } from '../study/summary.ts';
import { VERSION } from '../version.ts';

const HELP = `
Every init is trained and measured once per seed; a seed decides split, initialisation and training, so that the inits
of one seed can be compared pair by pair. With a ready-made split it decides initialisation and training only.

Examples:
  $ llminit evaluate --interactions ratings.csv --items products.csv --min-rating 4 --k-core 5 --seeds 0,1,2
  $ llminit evaluate --train s0.train.inter --valid s0.valid.inter --test s0.test.inter --embedder bert.npy \\
      --embedding-ids bert.ids.txt --init xavier,variance,pca --protocol standard,paper --results study.json
`;

/** What is compared where there are texts. */
const WITH_TEXT: InitName[] = ['xavier', 'random', 'uniform', 'variance', 'pca', 'auto'];

/** Adds the command `evaluate`. */
export function addEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .description('compare initialisations: train and measure each, per seed');
  addDataOptions(command);
  addItemOptions(command);
  addTrainingOptions(command);
  add(
    command,
    '--init <list>',
    `of ${INIT_NAMES.join(', ')} (default: ${WITH_TEXT.join(',')}; without texts xavier)`,
    listOf('--init', initNames),
  );
  const names = listOf('--baselines', oneOf('--baselines', BASELINES));
  add(command, '--baselines <list>', `methods to stand beside: ${BASELINES.join(', ')}`, names);
  add(command, '--seeds <list>', 'seeds, e.g. 0,1,2', listOf('--seeds', integer('--seeds', 0)), [0, 1, 2]);
  add(command, '--protocol <list>', 'standard, paper or both', listOf('--protocol', protocolNames), [
    'standard' as const,
  ]);
  add(
    command,
    '--ks <list>',
    `cut-offs in the table (default: 10; JSON has ${CUTOFFS.join(', ')})`,
    listOf('--ks', integer('--ks', 1)),
  );
  addOutputOptions(command);
  addMeasureOptions(command);
  add(command, '--results <file>', 'keep finished runs here, and go on from them', text('--results'));
  command.addHelpText('after', HELP);
  command.action(() => interruptible((signal) => evaluate(command, signal)));
}

/** What is compared, as the command line says it. */
interface ComparedArguments {
  readonly init?: InitName[];
  readonly baselines?: BaselineName[];
  readonly seeds: number[];
  readonly protocol: Protocol[];
  readonly ks?: number[];
  readonly results?: string;
}

async function evaluate(command: Command, signal: AbortSignal): Promise<void> {
  const [data, catalogue, vectors] = [
    dataOptions(command),
    catalogueOptions(command),
    vectorOptions(command),
  ];
  const { json, quiet } = outputOptions(command);
  const { perUser: perUserPath, ...measures } = command.opts<MeasureOptions>();
  const { results: path, ks: shownKs = [10] } = command.opts<ComparedArguments>();
  const hasText = catalogue.path !== undefined || vectors.embedders !== undefined;
  const plan = planOf(command, hasText);
  const needsVectors = plan.inits.some(readsVectors) || plan.baselines.some(baselineReadsVectors);
  checkCatalogue(catalogue);
  checkVectors(vectors, needsVectors && catalogue.path === undefined);
  checkPlan(plan, hasText);
  checkMeasures({ ...measures, perUser: perUserPath }, path, plan.baselines);
  const outputs = { '--results': path, '--per-user': perUserPath };
  await checkOutputs(outputs, inputsOf(data.files, catalogue.path, vectors));
  const results = await openResults(path);

  const session = await openSession(machineOptions(command), quiet, signal);
  const dataset = await openDataset(data, session);
  const items = await openItems(dataset.itemIds, catalogue, needsVectors ? vectors : null, session);
  const perUser = perUserPath === undefined ? null : new PerUserFile(perUserPath);
  const runs = await runAll(plan, dataset, items.embeddings, { results, path, perUser }, session);
  await perUser?.write();
  const names = [...plan.inits, ...plan.baselines];
  const summary = plan.protocols.map((protocol) => summarize(runs, protocol, names));
  const flags = recipeFlags(command);
  if (json) {
    const { inits, baselines, seeds, protocols } = plan;
    printJson({
      ...{ command: 'evaluate', version: VERSION, data: dataset.report, embeddings: items.report },
      settings: { ...shownSettings(flags), inits, baselines, seeds, protocols },
      ...{ runs, summary },
    });
    return;
  }
  const context = {
    recipe: flags,
    seeds: plan.seeds,
    ks: shownKs,
    data: dataset.report,
    vectors: items.report,
  };
  for (const part of summary) print(studyTable(part, context));
}

function planOf(command: Command, hasText: boolean): ComparisonPlan {
  const args = command.opts<ComparedArguments>();
  const { init = hasText ? WITH_TEXT : ['xavier'], baselines = [], seeds, protocol: protocols } = args;
  const { seen, beyond } = command.opts<MeasureOptions>();
  const ks = args.ks ? [...args.ks].sort((a, b) => a - b) : CUTOFFS;
  return { inits: init, baselines, seeds, protocols, recipe: recipeOptions(command), ks, seen, beyond };
}

/** @throws {OptionError} for options that no run reads, and for a model which no initialisation belongs to */
function checkPlan(plan: ComparisonPlan, hasText: boolean): void {
  const { inits, recipe, seeds, protocols } = plan;
  const { model } = recipe;
  if (model !== undefined && !MODELS.some((name) => name === model)) {
    const problem = `expected ${MODELS.join(', ')}, received ${model}, which has no initialisation`;
    throw new OptionError('--model', problem, `Pass --baselines ${model} to measure it beside the others`);
  }
  checkReadBySome(inits, recipe);
  for (const init of inits) checkTrainOptions(init, optionsOf(recipe, init, seeds[0], protocols[0]), hasText);
}

/** Settings of all runs, by the names of the flags. */
function shownSettings(flags: Record<string, unknown>) {
  const { model, pool, dim, layers, batch, epochs, patience, ...rest } = flags;
  const { optimizer, lr, reg, regForm, scale, normalize } = rest;
  return { model, pool, dim, layers, batch, epochs, patience, optimizer, lr, reg, regForm, scale, normalize };
}
