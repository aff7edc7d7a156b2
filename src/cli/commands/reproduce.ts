import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { load, MODELS, type ModelName, OptionError, type Protocol } from '../../index.ts';
import { DEFAULT_DIM } from '../../init/options.ts';
import { writeAtomic } from '../../node.ts';
import { FIT_OPTIONS } from '../../train/fitOptions.ts';
import { integer, listOf, oneOf, text } from '../args/arguments.ts';
import { add, addChartsOption, addConfigOptions, addOutputOptions, outputOptions } from '../args/command.ts';
import { addDataOptions, dataOptions } from '../args/dataOptions.ts';
import { INIT_NAMES, type InitName } from '../args/initNames.ts';
import { addItemOptions, catalogueOptions, vectorOptions } from '../args/itemOptions.ts';
import { protocolNames } from '../args/options.ts';
import { Interrupted } from '../errors.ts';
import { interruptible } from '../interrupt.ts';
import { print, printJson } from '../output.ts';
import { checkFolder, checkOutputs } from '../outputFile.ts';
import { type Progress, progressTo } from '../progress.ts';
import { RunStore } from '../study/engine/store.ts';
import { EXPERIMENTS, type ExperimentName, jobsOf, type Scope } from '../study/experiments.ts';
import { givenSource } from '../study/givenDataset.ts';
import { type Job, jobKey, jobName } from '../study/jobs.ts';
import { DATASET_NAMES, namedSource, type StudySource, sourceInputs } from '../study/namedDatasets.ts';
import { writeReport } from '../study/report/report.ts';
import { writeCharts } from '../study/report/svg.ts';
import { openStudyData } from '../study/studyData.ts';
import { refuseUnreadFiles, refuseUnreadValues } from '../study/unreadOptions.ts';
import { runJobs } from '../study/workers.ts';
import { Stopwatch } from '../timeLeft.ts';

/** How it is run, and where its results go. */
interface RunArguments {
  readonly out: string;
  readonly workers: number;
  readonly reportOnly?: boolean;
  readonly charts?: string;
}

/** What is run, as the command line says it. */
interface ScopeArguments {
  readonly seeds: number[];
  readonly protocol: Protocol[];
  readonly models: ModelName[];
  readonly inits?: InitName[];
  readonly baselines: boolean;
  readonly dim: number;
  readonly dims: number[];
  readonly batch: number;
  readonly epochs: number;
}

const HELP = `
Experiments: table1 (models × column selections), table3 (one row an encoder), table5 (pooling), figure1 (dimensions and
collapse), figure3 (half the interactions). Beyond it: inits (all initialisations and models), strangers (a tenth of the users
never trained on), new-items (a tenth of the items never trained on), shuffled (a control: texts of other items), losses (as the
authors train and as auto does), tuning (λ and scale, by validation). Every row auto is the choice by validation that train makes.

The folder --out receives study.json (all runs; the same command goes on from it), report.md, report.html and pictures.

Examples:
  $ llminit reproduce table1 inits --dataset amazon-office --data ../shared/data --protocol standard,paper --out study
  $ llminit reproduce inits --interactions r.csv --items p.csv --embedder vectors.npy,lexical --embedding-ids ids.txt --out study
  $ llminit reproduce table1 --out study --report-only
`;

/** Adds the command `reproduce`. */
export function addReproduce(program: Command): void {
  const command = program
    .command('reproduce')
    .description("the paper's experiments and the study of initialisations, with a report")
    .argument('<experiments...>', EXPERIMENTS.join(' | '));
  command.optionsGroup('A known dataset:');
  add(command, '--dataset <name>', DATASET_NAMES.join(' | '), text('--dataset'));
  add(command, '--data <folder>', 'holds it, as <name>/<name>.inter', text('--data'), 'data');
  addDataOptions(command);
  addItemOptions(command);
  command.optionsGroup('Study:');
  add(
    command,
    '--seeds <list>',
    'of split, initialisation, training',
    listOf('--seeds', integer('--seeds', 0)),
    [0, 1, 2, 3, 4],
  );
  add(command, '--protocol <list>', 'standard, paper or both', listOf('--protocol', protocolNames), [
    'standard' as const,
  ]);
  add(command, '--models <list>', MODELS.join(', '), listOf('--models', oneOf('--models', MODELS)), [
    'lightgcn' as const,
    'sgl' as const,
    'sgcl' as const,
  ]);
  add(
    command,
    '--inits <list>',
    `only these: ${INIT_NAMES.join(', ')}`,
    listOf('--inits', oneOf<InitName>('--inits', INIT_NAMES)),
  );
  command.option(
    '--no-baselines',
    'leave out the models without epochs: popularity, item-knn, ease, text-only and l3ae',
  );
  add(command, '--dim <n>', 'width of the tables', integer('--dim', 1), DEFAULT_DIM);
  add(command, '--dims <list>', 'of figure1', listOf('--dims', integer('--dims', 1)), [32, 64, 128, 256]);
  add(
    command,
    '--batch <n>',
    'interactions per update',
    integer('--batch', 1),
    FIT_OPTIONS.batchSize.default,
  );
  add(command, '--epochs <n>', 'at most', integer('--epochs', 1), FIT_OPTIONS.epochs.default);
  add(command, '--workers <n>', 'runs at a time', integer('--workers', 1), availableParallelism());
  addConfigOptions(command);
  addOutputOptions(command);
  add(command, '--out <folder>', 'study.json, report.md, report.html and pictures', text('--out'), 'study');
  addChartsOption(command);
  command.option('--report-only', 'draw the report again from study.json, without new runs');
  command.addHelpText('after', HELP);
  command.action((names: string[]) =>
    interruptible((signal) => reproduce(names.map(experimentName), command, signal)),
  );
}

async function reproduce(
  experiments: readonly ExperimentName[],
  command: Command,
  signal: AbortSignal,
): Promise<void> {
  const { json, quiet } = outputOptions(command);
  const { out, workers, reportOnly, charts: folder } = command.opts<RunArguments>();
  const planned = reportOnly ? null : plannedJobs(experiments, command);
  const progress = progressTo(process.stderr, quiet);
  if (folder !== undefined) await checkFolder('--charts', folder);
  await mkdir(out, { recursive: true });
  const [path, report, page] = ['study.json', 'report.md', 'report.html'].map((name) => join(out, name));
  await checkOutputs({ '--out': [path, report, page] }, planned ? sourceInputs(planned.source) : {});
  const store = await RunStore.open(path, 'experiment');
  if (planned) await runMissing(planned.jobs, planned.source, store, workers, { progress, signal });
  const { markdown, html, pictures, charts } = await writeReport(store.study, experiments);
  for (const { path: name, svg } of pictures) {
    await mkdir(dirname(join(out, name)), { recursive: true });
    await writeAtomic(join(out, name), new TextEncoder().encode(svg));
  }
  await writeAtomic(report, new TextEncoder().encode(markdown));
  await writeAtomic(page, new TextEncoder().encode(html));
  const drawn = folder === undefined ? undefined : await writeCharts(folder, charts);
  if (json)
    printJson({ command: 'reproduce', out, experiments, runs: store.study.runs.length, charts: drawn });
  else print(markdown.trimEnd());
}

/** All runs of the experiments, once each. @throws {OptionError} on options that none of them would read */
function plannedJobs(
  experiments: readonly ExperimentName[],
  command: Command,
): { source: StudySource; jobs: readonly Job[] } {
  refuseUnreadFiles(command);
  const source = studySource(command);
  const scope = scopeOf(command.opts<ScopeArguments>(), source);
  const jobs = distinct(experiments.flatMap((experiment) => jobsOf(experiment, scope)));
  refuseUnreadValues(command, experiments, jobs);
  return { source, jobs };
}

async function runMissing(
  all: readonly Job[],
  source: StudySource,
  store: RunStore<'experiment'>,
  workers: number,
  { progress, signal }: { progress: Progress; signal: AbortSignal },
): Promise<void> {
  const runtime = await load();
  const data = await openStudyData(source, { runtime, progress, signal });
  store.addDataset(data.record);
  const jobs = all.filter((job) => !store.find(job));
  const { users, items, interactions } = data.record;
  progress.line(`${source.name}: ${users} users, ${items} items, ${interactions} interactions`);
  progress.line(`${all.length} runs, ${all.length - jobs.length} of them in ${store.path}`);
  let done = all.length - jobs.length;
  const watch = new Stopwatch();
  watch.left(source.name, done, all.length);
  try {
    await runJobs(jobs, source, {
      workers,
      signal,
      wantsSplit: (job) => !store.hasSplit(job),
      async onDone(job, result, split) {
        if (split) store.addSplit(split);
        await store.add(job, result);
        done++;
        const { metrics, bestEpoch, epochs, seconds } = result;
        const found = `R@10 ${metrics['recall@10'].toFixed(4)}  N@10 ${metrics['ndcg@10'].toFixed(4)}`;
        progress.line(
          `[${done}/${all.length}] ${jobName(job)}: ${found}  best epoch ${bestEpoch} of ${epochs} (${seconds} s)  ${watch.left(source.name, done, all.length)}`.trimEnd(),
        );
      },
      onEpoch: (job, epoch, best) =>
        progress.step(
          `run ${done + 1}/${all.length}, best ${best?.toFixed(4) ?? '–'}, epoch`,
          epoch,
          job.epochs,
        ),
    });
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    const state = `${done} of ${all.length} runs are in ${store.path}; go on with the same command`;
    throw new Interrupted(error.signal, state);
  } finally {
    progress.end();
  }
}

/** @throws {OptionError} unless one dataset is named, by name or by files */
function studySource(command: Command): StudySource {
  const data = dataOptions(command);
  const { dataset, data: folder } = command.opts<{ dataset?: string; data: string }>();
  if ((dataset === undefined) === (data.files.interactions === undefined)) {
    const received = dataset === undefined ? 'neither' : 'both';
    throw new OptionError(
      '--dataset',
      `expected either --dataset or --interactions with --items, received ${received}`,
      'Pass one of them',
    );
  }
  return dataset === undefined
    ? givenSource(data, catalogueOptions(command), vectorOptions(command))
    : namedSource(dataset, folder, data.split.order);
}

function scopeOf(args: ScopeArguments, { name: dataset, vectors, data }: StudySource): Scope {
  const { seeds, protocol: protocols, models, inits = null, baselines, dim, dims, batch, epochs } = args;
  const { order = 'random' } = data.split;
  return { baselines, dataset, vectors, seeds, protocols, models, order, dims, dim, batch, epochs, inits };
}

function distinct(jobs: readonly Job[]): Job[] {
  return [...new Map(jobs.map((job) => [jobKey(job), job])).values()];
}

function experimentName(name: string): ExperimentName {
  return oneOf('reproduce', EXPERIMENTS)(name);
}
