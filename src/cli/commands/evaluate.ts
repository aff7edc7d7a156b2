import type { Command } from 'commander';
import { CUTOFFS, MODELS, OptionError, type Protocol, TrainingData, type TrainOptions } from '../../index.ts';
import {
  BASELINES,
  type BaselineName,
  baselineReadsVectors,
  baselineSettings,
  isBaseline,
  runBaseline,
} from '../../recipe/baselines.ts';
import { checkReadBySome, checkTrainOptions, readWith } from '../../recipe/options.ts';
import { prepareTraining } from '../../recipe/train.ts';
import { integer, listOf, oneOf, text } from '../args/arguments.ts';
import { add, addOutputOptions } from '../args/command.ts';
import type { EvaluateArguments } from '../args/commandArguments.ts';
import { addDataOptions } from '../args/dataOptions.ts';
import { checkEmbeddingArguments } from '../args/embedderArguments.ts';
import { INIT_NAMES, type InitName, readsVectors } from '../args/initNames.ts';
import {
  addEmbeddingOptions,
  addTrainingOptions,
  initNames,
  protocolNames,
  trainingFlags,
  trainingOptions,
} from '../args/options.ts';
import { inputsOf } from '../dataset.ts';
import { Interrupted } from '../errors.ts';
import { interruptible } from '../interrupt.ts';
import { print, printJson } from '../output.ts';
import { checkOutputs } from '../outputFile.ts';
import { trainingProgress } from '../progress.ts';
import { openSession, openSplit, type Session } from '../session.ts';
import { addMeasureOptions, checkMeasures, PerUserFile } from '../study/measures.ts';
import { openResults, type Results, type RunRecord } from '../study/results.ts';
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
  addEmbeddingOptions(command);
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
  command.action(() => interruptible((signal) => evaluate(command.opts<EvaluateArguments>(), signal)));
}

async function evaluate(args: EvaluateArguments, signal: AbortSignal): Promise<void> {
  const hasText = args.items !== undefined || args.embedder !== undefined;
  const inits: InitName[] = args.init ?? (hasText ? WITH_TEXT : ['xavier']);
  const baselines = args.baselines ?? [];
  const needsVectors = inits.some(readsVectors) || baselines.some(baselineReadsVectors);
  checkModel(trainingOptions(args));
  checkEmbeddingArguments(args, needsVectors);
  checkReadBySome(inits, trainingOptions(args));
  for (const init of inits)
    checkTrainOptions(init, optionsOf(args, init, args.seeds[0], args.protocol[0]), hasText);
  checkMeasures(args, args);
  await checkOutputs({ '--results': args.results, '--per-user': args.perUser }, inputsOf(args));
  const results = await openResults(args.results);
  const session = await openSession(args, needsVectors, signal);
  const perUser = args.perUser === undefined ? null : new PerUserFile(args.perUser);
  const runs = await runAll(args, inits, session, results, perUser, signal);
  await perUser?.write();
  const { dataset, items } = session;
  const ks = args.ks ?? [10];
  const summary = args.protocol.map((protocol) => summarize(runs, protocol, [...inits, ...baselines]));
  if (args.json) {
    const settings = {
      ...shownSettings(args),
      inits,
      baselines,
      seeds: args.seeds,
      protocols: args.protocol,
    };
    printJson({
      ...{ command: 'evaluate', version: VERSION, data: dataset.report, embeddings: items.report },
      ...{ settings, runs, summary },
    });
    return;
  }
  for (const part of summary)
    print(studyTable(part, { args, ks, data: dataset.report, vectors: items.report }));
}

/** One run of the study: what is measured, on which data. */
interface StudyRun {
  readonly seed: number;
  readonly protocol: Protocol;
  /** Shared by all runs of the seed. */
  readonly data: TrainingData;
  readonly label: string;
  readonly perUser: PerUserFile | null;
}

/** All runs, seed by seed. @throws {Interrupted} on Ctrl-C, saying how to go on */
async function runAll(
  args: EvaluateArguments,
  inits: readonly InitName[],
  session: Session,
  results: Results,
  perUser: PerUserFile | null,
  signal: AbortSignal,
): Promise<RunRecord[]> {
  const runs: RunRecord[] = [];
  const { baselines = [] } = args;
  const total = args.protocol.length * args.seeds.length * (inits.length + baselines.length);
  try {
    for (const seed of args.seeds) {
      const { split } = openSplit(session, seed);
      const data = new TrainingData(split, session.items.embeddings);
      if (seed === args.seeds[0]) await checkInits(args, inits, session, data, seed);
      for (const protocol of args.protocol) {
        for (const name of [...inits, ...baselines]) {
          const label = `[${runs.length + 1}/${total}] ${protocol}, seed ${seed}, ${name}:`;
          const run = { seed, protocol, data, label, perUser };
          signal.throwIfAborted();
          runs.push(
            isBaseline(name)
              ? await oneBaseline(args, name, run, session, results)
              : await oneRun(args, name, run, session, results, signal),
          );
        }
      }
    }
  } catch (error) {
    if (!(error instanceof Interrupted) || args.results === undefined) throw error;
    const state = `${runs.length} of ${total} runs are in ${args.results}; go on with the same command`;
    throw new Interrupted(error.signal, state);
  }
  return runs;
}

/** Stops the study before its first training where an init cannot work; nothing is computed. */
async function checkInits(
  args: EvaluateArguments,
  inits: readonly InitName[],
  { runtime }: Session,
  data: TrainingData,
  seed: number,
): Promise<void> {
  for (const init of inits) {
    const options = optionsOf(args, init, seed, args.protocol[0]);
    await prepareTraining(data, { ...options, runtime });
  }
}

async function oneRun(
  args: EvaluateArguments,
  init: InitName,
  { seed, protocol, data, label, perUser }: StudyRun,
  { runtime, progress }: Session,
  results: Results,
  signal: AbortSignal,
): Promise<RunRecord> {
  const options = optionsOf(args, init, seed, protocol);
  const prepared = await prepareTraining(data, { ...options, runtime });
  const ks = cutoffs(args);
  const found = results.find(prepared.settings, ks);
  if (found) {
    progress.line(`${label} found in ${args.results}`);
    return found;
  }
  const started = performance.now();
  const onProgress = trainingProgress(progress, label);
  const trained = await prepared.run({ signal, onProgress }).finally(progress.end);
  const test = await trained.evaluate({ ks, seen: args.seen, beyond: args.beyond });
  perUser?.add({ protocol, init, seed }, data, test);
  const { result, initialization, metric: valid } = trained;
  const { bestEpoch = 0, history = [] } = result ?? {};
  const record: RunRecord = {
    ...{ protocol, init, seed, bestEpoch, epochs: history.length, valid },
    metrics: { ...test.means, ...test.beyond },
    itemsWithoutVector: initialization?.itemsWithoutEmbedding.length ?? 0,
  };
  await results.add(record, prepared.settings, ks);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const best = `best epoch ${bestEpoch} of ${record.epochs} (${seconds} s)`;
  progress.line(`${label} ${reached(record, ks[0])}  ${best}`);
  return record;
}

async function oneBaseline(
  args: EvaluateArguments,
  name: BaselineName,
  { seed, protocol, data, label }: StudyRun,
  { runtime, progress }: Session,
  results: Results,
): Promise<RunRecord> {
  const { dim } = trainingOptions(args);
  const settings = baselineSettings(name, data, { protocol, seed, dim });
  const ks = cutoffs(args);
  const found = results.find(settings, ks);
  if (found) {
    progress.line(`${label} found in ${args.results}`);
    return found;
  }
  const { valid, test } = await runBaseline(name, data, { dim, seed, protocol, ks, runtime });
  const record: RunRecord = {
    ...{ protocol, init: name, seed, bestEpoch: 0, epochs: 0, valid, metrics: { ...test.means } },
    itemsWithoutVector: 0,
  };
  await results.add(record, settings, ks);
  progress.line(`${label} ${reached(record, ks[0])}`);
  return record;
}

function cutoffs({ ks }: EvaluateArguments): readonly number[] {
  return ks ? [...ks].sort((a, b) => a - b) : CUTOFFS;
}

function reached({ metrics }: RunRecord, k: number): string {
  return `R@${k} ${metrics[`recall@${k}`].toFixed(4)}  N@${k} ${metrics[`ndcg@${k}`].toFixed(4)}`;
}

/** @throws {OptionError} for a model without epochs, which no initialisation belongs to */
function checkModel({ model }: TrainOptions): void {
  if (model === undefined || MODELS.some((name) => name === model)) return;
  const problem = `expected ${MODELS.join(', ')}, received ${model}, which has no initialisation`;
  throw new OptionError('--model', problem, `Pass --baselines ${model} to measure it beside the others`);
}

/** The options of one run: those of the command line that the init reads. */
function optionsOf(args: EvaluateArguments, init: InitName, seed: number, protocol: Protocol): TrainOptions {
  return readWith(init, { ...trainingOptions(args), init, seed, protocol });
}

/** Settings of all runs, by the names of the flags. */
function shownSettings(args: EvaluateArguments) {
  const { model, pool, dim, layers, batch, epochs, patience, ...rest } = trainingFlags(args);
  const { optimizer, lr, reg, regForm, scale, normalize } = rest;
  return { model, pool, dim, layers, batch, epochs, patience, optimizer, lr, reg, regForm, scale, normalize };
}
