import type { Command } from 'commander';
import {
  CUTOFFS,
  decodeCheckpoint,
  encodeCheckpoint,
  encodeModel,
  type FitOptions,
  modelFrom,
  OptionError,
  type Protocol,
} from '../../index.ts';
import { readBytes, writeAtomic } from '../../node.ts';
import { integer, text } from '../args/arguments.ts';
import { add, addOutputOptions } from '../args/command.ts';
import type {
  DataArguments,
  EmbeddingArguments,
  OutputArguments,
  TrainingArguments,
} from '../args/commandArguments.ts';
import { checkEmbeddingArguments } from '../args/embedderArguments.ts';
import { INIT_NAMES, type InitName } from '../args/initNames.ts';
import {
  addDataOptions,
  addEmbeddingOptions,
  addTrainingOptions,
  initNames,
  protocolNames,
} from '../args/options.ts';
import { inputFiles } from '../dataset.ts';
import { diagnose, diagnosticsText } from '../diagnostics.ts';
import { Interrupted } from '../errors.ts';
import { interruptible } from '../interrupt.ts';
import { metricsTable } from '../metricsTable.ts';
import { configOf, metricsOf } from '../modelRecord.ts';
import { print, printJson } from '../output.ts';
import { assertDistinct, assertWritable } from '../outputFile.ts';
import {
  checkTrainingArguments,
  type FinishedRun,
  finishRun,
  markCheckpoint,
  type PreparedRun,
  prepareRun,
  type RunContext,
  unmarkCheckpoint,
} from '../run.ts';
import { openSession, openSplit } from '../session.ts';
import { VERSION } from '../version.ts';

interface TrainArguments extends DataArguments, EmbeddingArguments, TrainingArguments, OutputArguments {
  readonly init?: InitName;
  readonly seed: number;
  readonly protocol: Protocol;
  readonly checkpoint?: string;
  readonly resume?: boolean;
  readonly out: string;
}

const CHECKPOINT_EPOCHS = 10;

const HELP = `
Examples:
  $ llminit train --interactions ratings.csv --items products.csv --min-rating 4 --k-core 5 --out model.safetensors
  $ llminit train --interactions ml-100k.inter --init xavier --model bpr-mf --out model.safetensors
  $ llminit train --interactions r.csv --items p.csv --checkpoint run.ckpt --out m.safetensors   # Ctrl-C, then --resume
`;

/** Adds the command `train`. */
export function addTrain(program: Command): void {
  const command = program.command('train').description('train a model and write it to a file');
  addDataOptions(command);
  addEmbeddingOptions(command);
  addTrainingOptions(command);
  add(
    command,
    '--init <name>',
    `${INIT_NAMES.join(' | ')} (default: auto with texts or vectors, else xavier)`,
    initNames,
  );
  add(command, '--seed <n>', 'of split, initialisation and training', integer('--seed', 0), 2020);
  add(command, '--protocol <name>', 'standard | paper', protocolNames, 'standard');
  add(
    command,
    '--checkpoint <file>',
    `save the state here every ${CHECKPOINT_EPOCHS} epochs and on Ctrl-C`,
    text('--checkpoint'),
  );
  command.option('--resume', 'go on from --checkpoint');
  addOutputOptions(command);
  command.requiredOption('--out <file>', 'the model file to write');
  command.addHelpText('after', HELP);
  command.action(() => interruptible((signal) => train(command.opts<TrainArguments>(), signal)));
}

async function train(args: TrainArguments, signal: AbortSignal): Promise<void> {
  const init = args.init ?? (args.items !== undefined || args.embedder !== undefined ? 'auto' : 'xavier');
  checkEmbeddingArguments(args, init !== 'xavier');
  checkTrainingArguments(args, [init]);
  await checkFiles(args);

  const session = await openSession(args, init !== 'xavier', signal);
  const { runtime, progress, dataset, items } = session;
  const { seed, protocol } = args;
  const { split, report } = openSplit(session, seed);
  const prepared = await prepareRun(
    { init, seed, protocol, split, embeddings: items.embeddings, args },
    runtime,
  );
  const { dim } = prepared.initialization;
  progress.line(`training: ${args.model}, init ${init}, dim ${dim}, protocol ${protocol}, seed ${seed}`);
  const finished = await trainSafely(args, prepared, {
    runtime,
    progress,
    signal,
    label: 'train',
    ks: CUTOFFS,
  });

  const { factors } = finished.result;
  const { layers } = prepared.settings.fit;
  const diagnostics = await diagnose(finished.initialization, factors, split, { protocol, runtime, layers });
  const config = configOf(prepared, finished, dataset.report, items.report);
  const metrics = metricsOf(finished, protocol);
  const model = modelFrom(split, finished.result.factors, { itemTitles: items.titles, config, metrics });
  const bytes = encodeModel(model);
  await writeAtomic(args.out, bytes);
  const written = { out: args.out, bytes: bytes.length };
  if (args.json) {
    const data = { ...dataset.report, parts: report };
    const { history } = finished.result;
    printJson({
      command: 'train',
      version: VERSION,
      ...written,
      config,
      data,
      embeddings: items.report,
      metrics,
      diagnostics,
      history,
    });
  } else printSummary(prepared, finished, diagnosticsText(diagnostics, factors.dim), written);
}

async function checkFiles(args: TrainArguments): Promise<void> {
  const { out, checkpoint, resume } = args;
  if (resume && checkpoint === undefined) {
    throw new OptionError(
      '--resume',
      'expected --checkpoint beside it, received none',
      'Name the file to go on from',
    );
  }
  await assertDistinct({ '--out': out, '--checkpoint': checkpoint }, inputFiles(args));
  await assertWritable('--out', out);
  if (checkpoint !== undefined) await assertWritable('--checkpoint', checkpoint);
}

/** Trains, saving and resuming as asked. @throws {Interrupted} on Ctrl-C, saying where the state is */
async function trainSafely(
  args: TrainArguments,
  prepared: PreparedRun,
  context: RunContext,
): Promise<FinishedRun> {
  const { checkpoint: path, resume } = args;
  if (path === undefined) return finishRun(prepared, context);
  const { settings } = prepared;
  let saved = false;
  const onCheckpoint: FitOptions['onCheckpoint'] = async (checkpoint) => {
    await writeAtomic(path, encodeCheckpoint(markCheckpoint(checkpoint, settings)));
    saved = true;
  };
  const from = resume
    ? unmarkCheckpoint(decodeCheckpoint(await readBytes(path), path), settings, path)
    : undefined;
  const checkpoints = { onCheckpoint, checkpointEvery: CHECKPOINT_EPOCHS, resume: from };
  try {
    return await finishRun(prepared, { ...context, checkpoints });
  } catch (error) {
    if (!(error instanceof Interrupted) || !saved) throw error;
    throw new Interrupted(error.signal, `the state is in ${path}; go on with the same command and --resume`);
  }
}

function printSummary(
  { settings }: PreparedRun,
  { result, test, chosenScale }: FinishedRun,
  diagnostics: string,
  written: { out: string; bytes: number },
): void {
  const { model, layers, protocol, seed } = settings.fit;
  const { bestEpoch, bestMetric, history, stoppedBy } = result;
  const stopped = stoppedBy === 'patience' ? 'stopped early' : 'all epochs done';
  const valid = bestMetric === null ? 'no validation' : `validation NDCG@10 ${bestMetric.toFixed(4)}`;
  print(
    `${model}, ${layers} layers, dim ${settings.dim}, init ${settings.init}, protocol ${protocol}, seed ${seed}`,
  );
  if (chosenScale !== null) print(`scale ${chosenScale}, chosen by validation`);
  print(
    `best epoch ${bestEpoch} of ${history.length} (${stopped}), ${valid}; test, ${test.users.length} users:`,
  );
  print(metricsTable(test.means, CUTOFFS));
  print(diagnostics);
  print(`wrote ${written.out} (${written.bytes} bytes)`);
}
