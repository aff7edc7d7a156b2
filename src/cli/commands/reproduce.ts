import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { load, MODELS, type ModelName, OptionError, type Protocol } from '../../index.ts';
import { DEFAULT_DIM } from '../../init/options.ts';
import { writeAtomic } from '../../node.ts';
import { FIT_OPTIONS } from '../../train/fitOptions.ts';
import { integer, listOf, oneOf, text } from '../args/arguments.ts';
import { add, addOutputOptions } from '../args/command.ts';
import type { DataArguments, EmbeddingArguments, OutputArguments } from '../args/commandArguments.ts';
import { addDataOptions } from '../args/dataOptions.ts';
import { checkEmbeddingArguments } from '../args/embedderArguments.ts';
import { INIT_NAMES, type InitName } from '../args/initNames.ts';
import { addEmbeddingOptions, protocolNames } from '../args/options.ts';
import { Interrupted } from '../errors.ts';
import { interruptible } from '../interrupt.ts';
import { print, printJson } from '../output.ts';
import { checkOutputs } from '../outputFile.ts';
import { type Progress, progressTo } from '../progress.ts';
import { EXPERIMENTS, type ExperimentName, jobsOf, type Scope } from '../study/experiments.ts';
import { givenSource } from '../study/givenDataset.ts';
import { type Job, jobKey } from '../study/jobs.ts';
import { DATASET_NAMES, namedSource, type StudySource, sourceInputs } from '../study/namedDatasets.ts';
import { writeReport } from '../study/report/report.ts';
import { openStudyData } from '../study/studyData.ts';
import { StudyStore } from '../study/studyFile.ts';
import { refuseUnreadFiles, refuseUnreadValues } from '../study/unreadOptions.ts';
import { runJobs } from '../study/workers.ts';

interface ReproduceArguments extends DataArguments, EmbeddingArguments, OutputArguments {
  readonly dataset?: string;
  readonly data: string;
  readonly seeds: number[];
  readonly protocol: Protocol[];
  readonly models: ModelName[];
  readonly inits?: InitName[];
  readonly baselines: boolean;
  readonly dim: number;
  readonly dims: number[];
  readonly batch: number;
  readonly epochs: number;
  readonly workers: number;
  readonly out: string;
  readonly reportOnly?: boolean;
}

const HELP = `
Experiments: table1 (models × column selections), table3 (one row an encoder), table5 (pooling), figure1 (dimensions and
collapse), figure3 (half the interactions), inits (all initialisations and baselines), tuning (λ and scale, by validation).

The folder --out receives study.json (all runs; the same command goes on from it), report.md and report.html.

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
  addEmbeddingOptions(command);
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
  command.option('--no-baselines', 'leave out popularity, item-knn, ease and text-only');
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
  addOutputOptions(command);
  add(command, '--out <folder>', 'study.json, report.md and report.html', text('--out'), 'study');
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
  const args = command.opts<ReproduceArguments>();
  const jobs = args.reportOnly ? null : plannedJobs(experiments, command);
  const progress = progressTo(process.stderr, args.quiet ?? false);
  await mkdir(args.out, { recursive: true });
  const [path, report, page] = ['study.json', 'report.md', 'report.html'].map((name) => join(args.out, name));
  await checkOutputs({ '--out': [path, report, page] }, jobs ? sourceInputs(jobs.source) : {});
  const store = await StudyStore.open(path);
  if (jobs) await runMissing(jobs.all, args, jobs.source, store, path, { progress, signal });
  const { markdown, html } = await writeReport(store.study, experiments);
  await writeAtomic(report, new TextEncoder().encode(markdown));
  await writeAtomic(page, new TextEncoder().encode(html));
  if (args.json)
    printJson({ command: 'reproduce', out: args.out, experiments, runs: store.study.runs.length });
  else print(markdown.trimEnd());
}

/** All runs of the experiments, once each. @throws {OptionError} on options that none of them would read */
function plannedJobs(
  experiments: readonly ExperimentName[],
  command: Command,
): { source: StudySource; all: readonly Job[] } {
  const args = command.opts<ReproduceArguments>();
  refuseUnreadFiles(command);
  const source = studySource(args);
  const all = distinct(experiments.flatMap((experiment) => jobsOf(experiment, scopeOf(args, source))));
  refuseUnreadValues(command, experiments, all);
  return { source, all };
}

async function runMissing(
  all: readonly Job[],
  args: ReproduceArguments,
  source: StudySource,
  store: StudyStore,
  path: string,
  { progress, signal }: { progress: Progress; signal: AbortSignal },
): Promise<void> {
  const runtime = await load();
  const data = await openStudyData(source, { runtime, progress, signal });
  store.addDataset(data.record);
  const jobs = all.filter((job) => !store.has(job));
  const { users, items, interactions } = data.record;
  progress.line(`${source.name}: ${users} users, ${items} items, ${interactions} interactions`);
  progress.line(`${all.length} runs, ${all.length - jobs.length} of them in ${path}`);
  let done = all.length - jobs.length;
  try {
    await runJobs(jobs, source, {
      workers: args.workers,
      signal,
      wantsSplit: (job) => !store.hasSplit(job),
      async onDone(job, result, split) {
        await store.add(job, result, split);
        done++;
        const { metrics, bestEpoch, epochs, seconds } = result;
        const found = `R@10 ${metrics['recall@10'].toFixed(4)}  N@10 ${metrics['ndcg@10'].toFixed(4)}`;
        progress.line(
          `[${done}/${all.length}] ${jobName(job)}: ${found}  best epoch ${bestEpoch} of ${epochs} (${seconds} s)`,
        );
      },
      onEpoch: (_job, epoch, best) =>
        progress.step(
          `run ${done + 1}/${all.length}, best ${best?.toFixed(4) ?? '–'}, epoch`,
          epoch,
          args.epochs,
        ),
    });
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    const state = `${done} of ${all.length} runs are in ${path}; go on with the same command`;
    throw new Interrupted(error.signal, state);
  } finally {
    progress.end();
  }
}

/** @throws {OptionError} unless one dataset is named, by name or by files */
function studySource(args: ReproduceArguments): StudySource {
  if ((args.dataset === undefined) === (args.interactions === undefined)) {
    const received = args.dataset === undefined ? 'neither' : 'both';
    throw new OptionError(
      '--dataset',
      `expected either --dataset or --interactions with --items, received ${received}`,
      'Pass one of them',
    );
  }
  if (args.dataset === undefined) return givenSource(args);
  const source = namedSource(args.dataset, args.data);
  for (const { args: vectors } of source.vectors) checkEmbeddingArguments(vectors, true);
  return { ...source, data: { ...source.data, order: args.order } };
}

function scopeOf(args: ReproduceArguments, source: StudySource): Scope {
  const { seeds, protocol: protocols, models, dim, dims, batch, epochs, order = 'random' } = args;
  const { name: dataset, vectors } = source;
  const { inits = null, baselines } = args;
  return { baselines, dataset, vectors, seeds, protocols, models, order, dims, dim, batch, epochs, inits };
}

function distinct(jobs: readonly Job[]): Job[] {
  return [...new Map(jobs.map((job) => [jobKey(job), job])).values()];
}

function jobName({ model, init, vectors, protocol, seed, dim, pool, keep, graphWeight, scale }: Job): string {
  const parts = [protocol, `seed ${seed}`, model, init, vectors && `of ${vectors}`];
  if (dim !== 0 && dim !== DEFAULT_DIM) parts.push(`dim ${dim}`);
  if (pool !== 'mean') parts.push(`${pool} pooling`);
  if (keep < 1) parts.push(`${keep} of the interactions`);
  if (graphWeight !== null) parts.push(`λ ${graphWeight}`);
  if (scale !== null) parts.push(`scale ${scale}`);
  return parts.filter((part) => part !== null).join(', ');
}

function experimentName(name: string): ExperimentName {
  return oneOf('reproduce', EXPERIMENTS)(name);
}
