import type { Command } from 'commander';
import { CUTOFFS, MODELS, OptionError, type Protocol } from '../../index.ts';
import { readsCodes } from '../../models/registry.ts';
import { BASELINES, type BaselineName, baselineReadsVectors } from '../../recipe/baselines.ts';
import { checkReadBySome, checkTrainOptions } from '../../recipe/checkOptions.ts';
import { composed } from '../../recipe/compositions.ts';
import { integer, listOf, oneOf, text } from '../args/arguments.ts';
import {
  add,
  addChartsOption,
  addConfigOptions,
  addOutputOptions,
  type OutputOptions,
  outputOptions,
} from '../args/command.ts';
import { addDataOptions, type DataOptions, dataOptions } from '../args/dataOptions.ts';
import { checkCatalogue, checkNoVectors, checkVectors } from '../args/embedderArguments.ts';
import { INIT_NAMES, type InitName, readsVectors } from '../args/initNames.ts';
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
  recipeFlags,
  recipeOptions,
} from '../args/options.ts';
import { addRerankPlan, type RerankPlan, rerankPlan } from '../args/rerankPlan.ts';
import { inputsOf } from '../dataset.ts';
import { interruptible } from '../interrupt.ts';
import { print, printJson } from '../output.ts';
import { checkFolder, checkOutputs } from '../outputFile.ts';
import { openDataset, openItems, openSession } from '../session.ts';
import { type ComparisonPlan, optionsOf, runAll } from '../study/comparison.ts';
import { comparisonCharts } from '../study/comparisonCharts.ts';
import { RunStore } from '../study/engine/store.ts';
import { type AskedWorkers, addWorkersOption, askedWorkers } from '../study/engine/workers.ts';
import { addMeasureOptions, checkMeasures, type MeasureOptions, PerUserFile } from '../study/measures.ts';
import { writeCharts } from '../study/report/svg.ts';
import { RerankRuns } from '../study/rerankRuns.ts';
import { rerankTable } from '../study/rerankTable.ts';
import { type ProtocolSummary, summarize, summaryTable } from '../study/summary.ts';
import { VERSION } from '../version.ts';

const HELP = `
Every init is trained and measured once per seed; a seed decides split, initialisation and training, so that the inits
of one seed can be compared pair by pair. With a ready-made split it decides initialisation and training only.

Examples:
  $ llminit evaluate --interactions ratings.csv --items products.csv --min-rating 4 --k-core 5 --seeds 0,1,2
  $ llminit evaluate --train s0.train.inter --valid s0.valid.inter --test s0.test.inter --embedder bert.npy \\
      --embedding-ids bert.ids.txt --init xavier,variance,pca --protocol standard,paper --results study.json
  $ llminit evaluate --interactions ratings.csv --items products.csv --init auto --seeds 0 --rerank \\
      --chat http://localhost:11434/v1 --chat-model qwen3:8b --chat-cache answers --rerank-users 200
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
  addWorkersOption(command, '--threads and --rerank');
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
  addConfigOptions(command);
  addOutputOptions(command);
  addMeasureOptions(command);
  addChartsOption(command);
  addRerankPlan(command);
  command.optionsGroup('Output:');
  add(command, '--results <file>', 'keep finished runs here, and go on from them', text('--results'));
  command.addHelpText('after', HELP);
  command.action(() => interruptible((signal) => evaluate(evaluateJob(command), signal)));
}

/** What the command line says, by what it is for. */
interface EvaluateJob {
  readonly data: DataOptions;
  readonly catalogue: CatalogueOptions;
  readonly vectors: VectorOptions;
  readonly plan: ComparisonPlan;
  readonly rerank: RerankPlan | null;
  /** The recipe by the names of its flags, defaults included. */
  readonly flags: Record<string, unknown>;
  readonly files: Pick<ComparedArguments, 'results' | 'perUser' | 'charts'>;
  readonly machine: MachineOptions;
  readonly workers: AskedWorkers;
  readonly output: OutputOptions & { readonly ks: readonly number[] };
}

/** What is compared, as the command line says it. */
interface ComparedArguments extends MeasureOptions {
  readonly init?: InitName[];
  readonly baselines?: BaselineName[];
  readonly seeds: number[];
  readonly protocol: Protocol[];
  readonly ks?: number[];
  readonly results?: string;
  readonly charts?: string;
  readonly workers?: number;
}

function evaluateJob(command: Command): EvaluateJob {
  const { init, baselines = [], seeds, protocol, ks, ...others } = command.opts<ComparedArguments>();
  const { seen, beyond, perUser, results, charts, workers: asked } = others;
  const [catalogue, vectors] = [catalogueOptions(command), vectorOptions(command)];
  const [rerank, machine] = [rerankPlan(command), machineOptions(command)];
  const measured = ks ? [...ks].sort((a, b) => a - b) : CUTOFFS;
  const plan = { baselines, seeds, protocols: protocol, recipe: recipeOptions(command), seen, beyond };
  return {
    data: dataOptions(command),
    ...{ catalogue, vectors },
    plan: { ...plan, inits: init ?? (namesText(catalogue, vectors) ? WITH_TEXT : ['xavier']), ks: measured },
    rerank,
    flags: recipeFlags(command),
    files: { results, perUser, charts },
    machine,
    workers: askedWorkers(asked, machine, rerank ? '--rerank' : undefined),
    output: { ...outputOptions(command), ks: ks ?? [10] },
  };
}

async function evaluate(
  { data, catalogue, vectors, plan, rerank, flags, files, machine, workers, output }: EvaluateJob,
  signal: AbortSignal,
): Promise<void> {
  const needsVectors =
    readsCodes(plan.recipe.model) ||
    plan.inits.some(readsVectors) ||
    plan.baselines.some(baselineReadsVectors);
  checkCatalogue(catalogue);
  checkVectors(vectors, needsVectors && catalogue.path === undefined);
  if (!needsVectors) checkNoVectors(vectors);
  checkPlan(plan, namesText(catalogue, vectors));
  checkMeasures({ ...plan, perUser: files.perUser }, files.results);
  if (rerank) checkReranked(plan, catalogue);
  const outputs = { '--results': files.results, '--per-user': files.perUser };
  await checkOutputs(outputs, inputsOf(data.files, catalogue.path, vectors));
  if (files.charts !== undefined) await checkFolder('--charts', files.charts);
  const finished = await RunStore.open(files.results, 'training');

  const session = await openSession(machine, output.quiet, signal);
  const dataset = await openDataset(data, session);
  const items = await openItems(dataset.itemIds, catalogue, needsVectors ? vectors : null, session);
  const perUser = files.perUser === undefined ? null : new PerUserFile(files.perUser);
  const reranks = rerank && new RerankRuns(rerank, items.titles!, session);
  const store = { runs: finished, perUser, rerank: reranks };
  const runs = await runAll(plan, dataset, items.embeddings, store, workers, session);
  await perUser?.write();
  const { inits, baselines, seeds, protocols } = plan;
  const summary = protocols.map((protocol) => summarize(runs, protocol, [...inits, ...baselines]));
  const charts = await drawnInto(files.charts, summary, output.ks);
  if (output.json) {
    printJson({
      ...{ command: 'evaluate', version: VERSION, data: dataset.report, embeddings: items.report },
      settings: { ...shownSettings(flags), inits, baselines, seeds, protocols },
      ...{ runs, summary, ...(charts && { charts }) },
    });
    return;
  }
  const context = { recipe: flags, seeds, ks: output.ks, data: dataset.report, vectors: items.report };
  for (const part of summary) print(summaryTable(part, context));
  for (const { init, seed, rerank: found } of runs)
    if (found) print(rerankTable(`${init}, seed ${seed}`, found));
}

/** The files of the charts; null without a folder. */
async function drawnInto(
  folder: string | undefined,
  summary: readonly ProtocolSummary[],
  ks: readonly number[],
): Promise<string[] | null> {
  if (folder === undefined) return null;
  return writeCharts(folder, await comparisonCharts(summary, ks));
}

/** @throws {OptionError} for options that no run reads, and for a model which no initialisation belongs to */
function checkPlan(plan: ComparisonPlan, hasText: boolean): void {
  const { inits, recipe, seeds, protocols } = plan;
  const { model } = recipe;
  if (composed(recipe) !== recipe) {
    const problem = `expected ${MODELS.join(', ')}, received ${model}, whose initialisation is no matter of choice`;
    throw new OptionError(
      '--model',
      problem,
      'Measure its parts: --model lightgcn --init adapter --loss debiased',
    );
  }
  if (model !== undefined && !MODELS.some((name) => name === model)) {
    const problem = `expected ${MODELS.join(', ')}, received ${model}, which has no initialisation`;
    throw new OptionError('--model', problem, `Pass --baselines ${model} to measure it beside the others`);
  }
  checkReadBySome(inits, recipe);
  for (const init of inits) checkTrainOptions(init, optionsOf(recipe, init, seeds[0], protocols[0]), hasText);
}

/** @throws {OptionError} for what is not re-ranked, and without titles */
function checkReranked({ baselines, protocols }: ComparisonPlan, { path }: CatalogueOptions): void {
  const refuse = (expected: string, received: string): never => {
    throw new OptionError('--rerank', `expected ${expected} beside it, received ${received}`, 'Change it');
  };
  if (path === undefined) refuse('--items, for titles,', 'none');
  if (baselines.length > 0) refuse('no --baselines', baselines.join(','));
  if (protocols.includes('paper')) refuse('--protocol standard', protocols.join(','));
}

/** Settings of all runs, by the names of the flags. */
function shownSettings(flags: Record<string, unknown>) {
  const { model, pool, dim, layers, batch, epochs, patience, ...rest } = flags;
  const { optimizer, lr, reg, regForm, scale, normalize } = rest;
  return { model, pool, dim, layers, batch, epochs, patience, optimizer, lr, reg, regForm, scale, normalize };
}
