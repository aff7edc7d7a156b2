import type { Command } from 'commander';
import {
  type Checkpoint,
  CUTOFFS,
  decodeCheckpoint,
  encodeCheckpoint,
  findClosedModel,
  type MetricsResult,
  OptionError,
  type Protocol,
  type Runtime,
  type Trained,
  TrainingData,
  type TrainOptions,
} from '../../index.ts';
import { readBytes, writeAtomic } from '../../node.ts';
import { checkTrainOptions } from '../../recipe/options.ts';
import { type PreparedTraining, prepareTraining, type TrainHooks } from '../../recipe/train.ts';
import { FIT_OPTIONS } from '../../train/fitOptions.ts';
import { integer, listOf, text } from '../args/arguments.ts';
import { add, addOutputOptions } from '../args/command.ts';
import type {
  DataArguments,
  EmbeddingArguments,
  OutputArguments,
  TrainingArguments,
} from '../args/commandArguments.ts';
import { addDataOptions } from '../args/dataOptions.ts';
import { checkEmbeddingArguments } from '../args/embedderArguments.ts';
import { INIT_NAMES, type InitName, needsVectors, readsVectors } from '../args/initNames.ts';
import {
  addEmbeddingOptions,
  addTrainingOptions,
  initNames,
  protocolNames,
  trainingOptions,
} from '../args/options.ts';
import { contestTable } from '../contestTable.ts';
import { inputsOf } from '../dataset.ts';
import { type Diagnostics, diagnose, diagnosticsText } from '../diagnostics.ts';
import { bestEpochOf } from '../epochsOf.ts';
import { Interrupted } from '../errors.ts';
import { interruptible } from '../interrupt.ts';
import { metricsTable } from '../metricsTable.ts';
import { configOf, metricsOf } from '../modelRecord.ts';
import { print, printJson } from '../output.ts';
import { checkOutputs } from '../outputFile.ts';
import { trainingProgress } from '../progress.ts';
import { openSession, openSplit } from '../session.ts';
import { VERSION } from '../version.ts';

interface TrainArguments extends DataArguments, EmbeddingArguments, TrainingArguments, OutputArguments {
  readonly init?: InitName;
  readonly seed: number;
  readonly protocol: Protocol;
  readonly epochsOf?: string;
  readonly checkpoint?: string;
  readonly resume?: boolean;
  readonly out: string;
}

const CHECKPOINT_EPOCHS = 10;

const HELP = `
Examples:
  $ llminit train --interactions ratings.csv --items products.csv --min-rating 4 --k-core 5 --out model.safetensors
  $ llminit train --interactions ratings.csv --split none --epochs-of model.safetensors --out production.safetensors
  $ llminit train --interactions ml-100k.inter --init xavier --model bpr-mf --out model.safetensors
  $ llminit train --interactions r.csv --items p.csv --checkpoint run.ckpt --out m.safetensors   # Ctrl-C, then --resume
`;

/** Adds the command `train`. */
export function addTrain(program: Command): void {
  const command = program.command('train').description('train a model and write it to a file');
  addDataOptions(command);
  addEmbeddingOptions(command);
  addTrainingOptions(command);
  add(command, '--init <name>', `${INIT_NAMES.join(' | ')} (default: auto)`, initNames);
  add(
    command,
    '--seed <n>',
    'of split, initialisation and training',
    integer('--seed', 0),
    FIT_OPTIONS.seed.default,
  );
  add(command, '--protocol <name>', 'standard | paper', protocolNames, FIT_OPTIONS.protocol.default);
  add(
    command,
    '--checkpoint <file>',
    `save the state here every ${CHECKPOINT_EPOCHS} epochs and on Ctrl-C`,
    text('--checkpoint'),
  );
  command.option('--resume', 'go on from --checkpoint');
  const epochsOf = 'train for as many epochs as were best for this model, e.g. beside --split none';
  add(command, '--epochs-of <model>', epochsOf, text('--epochs-of'));
  addOutputOptions(command);
  const keep = 'columns of --items that the model keeps, to filter by: category,price';
  add(command, '--keep <list>', keep, listOf('--keep', text('--keep')));
  command.requiredOption('--out <file>', 'the model file to write');
  command.addHelpText('after', HELP);
  command.action(() => interruptible((signal) => train(command.opts<TrainArguments>(), signal)));
}

async function train(args: TrainArguments, signal: AbortSignal): Promise<void> {
  const { init = 'auto', seed, protocol } = args;
  const { model } = trainingOptions(args);
  const withText = readsText(args, init, model);
  checkEmbeddingArguments(args, withText);
  const asked = { ...trainingOptions(args), ...(args.init && { init }), seed, protocol };
  checkTrainOptions(init, asked, withText);
  if (args.keep && args.items === undefined)
    throw new OptionError('--keep', 'expected --items beside it, received none', 'Name the catalogue');
  await checkFiles(args);
  const options =
    args.epochsOf === undefined ? asked : { ...asked, epochs: await bestEpochOf(args.epochsOf) };

  const session = await openSession(args, withText, signal);
  const { runtime, progress, dataset, items } = session;
  const { split, report } = openSplit(session, seed);
  const data = new TrainingData(split, items.embeddings, items.titles);
  const prepared = await prepareTraining(data, { ...options, runtime });
  const what = model ?? (init === 'auto' ? 'a choice by validation' : 'lightgcn');
  progress.line(`training: ${what}, init ${init}, protocol ${protocol}, seed ${seed}`);
  const onProgress = trainingProgress(progress, 'train');
  const trained = await trainSafely(args, prepared, { signal, onProgress }).finally(progress.end);
  const test = split.test.length > 0 ? await trained.evaluate({ ks: CUTOFFS, signal }) : null;

  const diagnostics = await diagnosticsOf(trained, runtime);
  const config = configOf(trained, dataset.report, items.report);
  const metrics = metricsOf(trained, test);
  const bytes = trained.encode({ config, metrics, attributes: items.attributes, embeddings: items.lexical });
  await writeAtomic(args.out, bytes);
  const written = { out: args.out, bytes: bytes.length };
  if (args.json) {
    const { contest, result } = trained;
    printJson({
      ...{ command: 'train', version: VERSION, ...written, config },
      data: { ...dataset.report, parts: report },
      ...{ embeddings: items.report, metrics, diagnostics, history: result?.history ?? [], contest },
    });
  } else printSummary(trained, test, diagnostics, written);
}

/** Whether texts or vectors are read: where they are needed, and where they are there and may be of use. */
function readsText(args: TrainArguments, init: InitName, model: TrainOptions['model']): boolean {
  const hasText = args.items !== undefined || args.embedder !== undefined;
  const closed = findClosedModel(model ?? '');
  if (closed) return closed.vectors === 'required' || (closed.vectors === 'optional' && hasText);
  return needsVectors(init) || (readsVectors(init) && hasText);
}

/** What the tables of a training look like before and after; null for a model without epochs. */
async function diagnosticsOf(trained: Trained, runtime: Runtime): Promise<Diagnostics | null> {
  const { initialization, result, split, settings } = trained;
  if (!initialization || !result) return null;
  const { protocol, fit } = settings;
  return diagnose(initialization, result.factors, split, { protocol, runtime, layers: Number(fit?.layers) });
}

async function checkFiles(args: TrainArguments): Promise<void> {
  const { out, checkpoint, resume, epochsOf } = args;
  if (epochsOf !== undefined && trainingOptions(args).epochs !== undefined) {
    const problem = 'expected no --epochs beside it, received both';
    throw new OptionError('--epochs-of', problem, 'Leave one of them out');
  }
  if (resume && checkpoint === undefined) {
    throw new OptionError(
      '--resume',
      'expected --checkpoint beside it, received none',
      'Name the file to go on from',
    );
  }
  await checkOutputs({ '--out': out, '--checkpoint': checkpoint }, inputsOf(args));
}

/** Trains, saving and resuming as asked. @throws {Interrupted} on Ctrl-C, saying where the state is */
async function trainSafely(
  args: TrainArguments,
  prepared: PreparedTraining,
  hooks: TrainHooks,
): Promise<Trained> {
  const { checkpoint: path, resume } = args;
  if (path === undefined) return prepared.run(hooks);
  let saved = false;
  const onCheckpoint = async (checkpoint: Checkpoint) => {
    await writeAtomic(path, encodeCheckpoint(checkpoint));
    saved = true;
  };
  const from = resume ? decodeCheckpoint(await readBytes(path), path) : undefined;
  const checkpoints = { onCheckpoint, checkpointEvery: CHECKPOINT_EPOCHS, resume: from };
  try {
    return await prepared.run({ ...hooks, ...checkpoints });
  } catch (error) {
    if (!(error instanceof Interrupted) || !saved) throw error;
    throw new Interrupted(error.signal, `the state is in ${path}; go on with the same command and --resume`);
  }
}

function printSummary(
  trained: Trained,
  test: MetricsResult | null,
  diagnostics: Diagnostics | null,
  written: { out: string; bytes: number },
): void {
  const { result, contest, metric, factors } = trained;
  print(headline(trained));
  if (contest) print(contestTable(contest));
  if (result?.warning) print(result.warning);
  const valid = metric === null ? 'no validation' : `validation NDCG@10 ${metric.toFixed(4)}`;
  const tested = test ? `test, ${test.users.length} users:` : 'nothing held out for a test';
  print(`${epochsText(result)}${valid}; ${tested}`);
  if (test) print(metricsTable(test.means, CUTOFFS));
  if (diagnostics && factors) print(diagnosticsText(diagnostics, factors.dim));
  print(`wrote ${written.out} (${written.bytes} bytes)`);
}

/** What was trained, in one line. */
function headline({ settings, factors, modelName }: Trained): string {
  const { init, fit, protocol, seed } = settings;
  const graph = fit && factors ? `${fit.model}, ${fit.layers} layers, dim ${factors.dim}` : modelName;
  const start = init === null ? '' : `, init ${init}`;
  return `${graph}${start}, protocol ${protocol}, seed ${seed}${modelName === 'blend' ? ', blended' : ''}`;
}

function epochsText(result: Trained['result']): string {
  if (!result) return '';
  const stopped = result.stoppedBy === 'epochs' ? 'all epochs done' : 'stopped early';
  return `best epoch ${result.bestEpoch} of ${result.history.length} (${stopped}), `;
}
