import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { load } from '../../index.ts';
import { writeAtomic } from '../../node.ts';
import { oneOf, text } from '../args/arguments.ts';
import { add, addChartsOption, addConfigOptions, addOutputOptions, outputOptions } from '../args/command.ts';
import { addDataOptions } from '../args/dataOptions.ts';
import { addItemOptions } from '../args/itemOptions.ts';
import { addStudyChat, addStudyOptions } from '../args/studyOptions.ts';
import { interruptible } from '../interrupt.ts';
import { print, printJson } from '../output.ts';
import { checkFolder, checkOutputs } from '../outputFile.ts';
import { type Progress, progressTo } from '../progress.ts';
import type { Session } from '../session.ts';
import { RunStore } from '../study/engine/store.ts';
import { runStudy } from '../study/engine/study.ts';
import { type ExperimentData, experimentData, readExperimentData } from '../study/experimentData.ts';
import { experimentRunner, experimentSource, processorTime } from '../study/experimentRunner.ts';
import { EXPERIMENTS, type ExperimentName } from '../study/experiments.ts';
import { type StudyForecast, studyForecastJson, tellForecast } from '../study/forecasts.ts';
import { foreseeJobs } from '../study/foreseeJobs.ts';
import { type Job, type JobResult, jobName } from '../study/jobs.ts';
import { DATASET_NAMES, sourceInputs } from '../study/namedDatasets.ts';
import { type PlannedStudy, plannedStudy } from '../study/planned.ts';
import { writeReport } from '../study/report/report.ts';
import { writeCharts } from '../study/report/svg.ts';
import { hasRanks, splitRecord } from '../study/runJob.ts';

/** How it is run, and where its results go. */
interface RunArguments {
  readonly out: string;
  readonly workers: number;
  readonly reportOnly?: boolean;
  readonly charts?: string;
}

const HELP = `
Experiments: table1 (models × column selections), table2 (systems in both protocols and orders, and what each costs), table3
(one row an encoder), table5 (pooling), figure1 (dimensions and collapse), figure3 (half the interactions). Beyond it: inits
(all initialisations and models), strangers (a tenth of the users never trained on), new-items (a tenth of the items never
trained on), shuffled (a control: texts of other items), losses (as the authors train and as auto does), tuning (λ and scale,
by validation). Every row auto is the choice by validation that train makes.

The folder --out receives study.json (all runs; the same command goes on from it), report.md, report.html and pictures.

Examples:
  $ llminit reproduce table1 inits --dataset amazon-office --data ../shared/data --protocol standard,paper --out study
  $ llminit reproduce table2 --dataset amazon-office --data ../shared/data --seeds 0 --out table2 \\
      --chat http://localhost:11434/v1 --chat-model qwen3:8b   # without a chat model its rows are not run
  $ llminit demo && llminit reproduce table2 --quick --interactions llminit-demo/ratings.csv --items llminit-demo/products.csv
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
  addStudyOptions(command);
  addStudyChat(command);
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
  const planned = reportOnly ? null : plannedStudy(experiments, command);
  const progress = progressTo(process.stderr, quiet);
  if (folder !== undefined) await checkFolder('--charts', folder);
  await mkdir(out, { recursive: true });
  const [path, report, page] = ['study.json', 'report.md', 'report.html'].map((name) => join(out, name));
  await checkOutputs({ '--out': [path, report, page] }, planned ? sourceInputs(planned.source) : {});
  const store = await RunStore.open(path, 'experiment');
  const forecast = planned && (await runAll(planned, store, workers, { progress, signal }));
  const { markdown, html, pictures, charts } = await writeReport(store.study, experiments, signal);
  for (const { path: name, svg } of pictures) {
    await mkdir(dirname(join(out, name)), { recursive: true });
    await writeAtomic(join(out, name), new TextEncoder().encode(svg));
  }
  await writeAtomic(report, new TextEncoder().encode(markdown));
  await writeAtomic(page, new TextEncoder().encode(html));
  const drawn = folder === undefined ? undefined : await writeCharts(folder, charts);
  if (json) {
    const foreseen = forecast && studyForecastJson(forecast);
    const runs = store.study.runs.length;
    printJson({ command: 'reproduce', out, experiments, runs, charts: drawn, forecast: foreseen });
  } else print(markdown.trimEnd());
}

async function runAll(
  { jobs: planned, source, chat }: PlannedStudy,
  store: RunStore<'experiment'>,
  workers: number,
  { progress, signal }: Pick<Session, 'progress' | 'signal'>,
): Promise<StudyForecast | null> {
  const runtime = await load();
  const parts = await readExperimentData(source, { runtime, progress, signal });
  const data = experimentData(parts);
  store.addDataset(data.record);
  const { users, items, interactions } = data.record;
  progress.line(`${source.name}: ${users} users, ${items} items, ${interactions} interactions`);
  const jobs = possible(planned, data, progress);
  addSplits(jobs, data, store);
  const missing = jobs.filter((job) => !store.find(job));
  const foreseen = await foreseeJobs(missing, data, { runtime, signal });
  const forecast = tellForecast(foreseen, workers > 1 ? workers : null, progress);
  const runs = jobs.map((job) => ({ name: jobName(job), job, task: job }));
  const means = {
    ...{ workers, told },
    here: experimentRunner(data, chat, runtime, workers === 1 ? processorTime : undefined),
    away: { runner: 'experiment', source: () => experimentSource(parts, chat) } as const,
  };
  await runStudy(runs, store, means, { runtime, progress, signal });
  return forecast;
}

function told({ metrics, bestEpoch, epochs, seconds }: JobResult): string {
  const found = `R@10 ${metrics['recall@10'].toFixed(4)}  N@10 ${metrics['ndcg@10'].toFixed(4)}`;
  return `${found}  best epoch ${bestEpoch} of ${epochs} (${seconds} s)`;
}

/** Describes the splits of runs that are still to be made, once each. */
function addSplits(jobs: readonly Job[], data: ExperimentData, store: RunStore<'experiment'>): void {
  for (const job of jobs)
    if (hasRanks(job) && !store.find(job) && !store.hasSplit(job)) store.addSplit(splitRecord(job, data));
}

/** The jobs that the data allow: without times there is no order of time. */
function possible(jobs: readonly Job[], { hasTimes }: ExperimentData, progress: Progress): readonly Job[] {
  const found = jobs.filter(({ order }) => order === 'random' || hasTimes);
  if (found.length < jobs.length)
    progress.line(
      `the interactions have no times: ${jobs.length - found.length} runs in order of time are left out`,
    );
  return found;
}

function experimentName(name: string): ExperimentName {
  return oneOf('reproduce', EXPERIMENTS)(name);
}
