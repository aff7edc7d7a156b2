import type { Command } from 'commander';
import {
  decodeCheckpoint,
  encodeCheckpoint,
  encodeModel,
  type FitOptions,
  interactionsToCsr,
  modelFrom,
  OptionError,
  type Protocol,
  type Strategy,
} from '../index.ts';
import { readBytes, writeAtomic } from '../node.ts';
import { add, addDataOptions, addEmbeddingOptions, addOutputOptions, addTrainingOptions } from './options.ts';
import type { DataArguments, EmbeddingArguments, OutputArguments, TrainingArguments } from './options.ts';
import { integer, text } from './arguments.ts';
import { initNames, protocolNames } from './options.ts';
import { checkEmbeddingArguments } from './embedder.ts';
import { Interrupted } from './errors.ts';
import { interruptible } from './interrupt.ts';
import { print, printJson } from './output.ts';
import { assertWritable } from './outputFile.ts';
import { checkTrainingArguments, type FinishedRun, finishRun, markCheckpoint, type PreparedRun, prepareRun, type RunSettings, unmarkCheckpoint } from './run.ts';
import { openSession, openSplit, type Session } from './session.ts';
import { tableText } from './tables.ts';
import { VERSION } from './version.ts';

interface TrainArguments extends DataArguments, EmbeddingArguments, TrainingArguments, OutputArguments {
  readonly init?: Strategy;
  readonly seed: number;
  readonly protocol: Protocol;
  readonly checkpoint?: string;
  readonly resume?: boolean;
  readonly out: string;
}

const CUTOFFS = [10, 20, 50];
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
  add(command, '--init <name>', 'xavier | random | uniform | variance | full | pca (default: variance with texts or vectors, else xavier)', initNames);
  add(command, '--seed <n>', 'of split, initialisation and training', integer('--seed', 0), 2020);
  add(command, '--protocol <name>', 'standard | paper', protocolNames, 'standard');
  add(command, '--checkpoint <file>', `save the state here every ${CHECKPOINT_EPOCHS} epochs and on Ctrl-C`, text('--checkpoint'));
  command.option('--resume', 'go on from --checkpoint');
  addOutputOptions(command);
  command.requiredOption('--out <file>', 'the model file to write');
  command.addHelpText('after', HELP);
  command.action(() => interruptible((signal) => train(command.opts<TrainArguments>(), signal)));
}

async function train(args: TrainArguments, signal: AbortSignal): Promise<void> {
  const init = args.init ?? (args.items !== undefined || args.embedder !== undefined ? 'variance' : 'xavier');
  checkEmbeddingArguments(args, init !== 'xavier');
  checkTrainingArguments(args);
  if (args.resume && args.checkpoint === undefined) {
    throw new OptionError('--resume', 'expected --checkpoint beside it, received none', 'Name the file to go on from');
  }
  await assertWritable('--out', args.out);
  if (args.checkpoint !== undefined) await assertWritable('--checkpoint', args.checkpoint);

  const session = await openSession(args, init !== 'xavier', signal);
  const { runtime, progress, items } = session;
  const { split, report } = openSplit(session, args.seed);
  const { seed, protocol } = args;
  const prepared = await prepareRun({ init, seed, protocol, split, embeddings: items.embeddings, args }, runtime);
  progress.line(`training: ${args.model}, init ${init}, dim ${prepared.initialization.dim}, protocol ${protocol}, seed ${seed}`);
  const checkpoints = await checkpointHooks(args, prepared.settings);
  const finished = await finishRun(prepared, { runtime, progress, signal, label: 'train', ks: CUTOFFS, checkpoints });

  const config = configOf(prepared, session);
  const metrics = metricsOf(finished, protocol);
  const { dataset } = session;
  const bytes = encodeModel(
    modelFrom({
      ...{ userIds: dataset.userIds, itemIds: dataset.itemIds, itemTitles: items.titles, seen: dataset.seen },
      ...{ factors: finished.result.factors, train: interactionsToCsr(split.train), config, metrics },
    }),
  );
  await writeAtomic(args.out, bytes);
  const { history } = finished.result;
  const written = { out: args.out, bytes: bytes.length };
  if (args.json) {
    const data = { ...dataset.report, parts: report };
    printJson({ command: 'train', version: VERSION, ...written, config, data, embeddings: items.report, metrics, history });
  } else printSummary(prepared, finished, written);
}

/** Saving and resuming. A run that is stopped says where its state is. */
async function checkpointHooks(args: TrainArguments, settings: RunSettings) {
  const { checkpoint: path, resume } = args;
  if (path === undefined) return undefined;
  const onCheckpoint: FitOptions['onCheckpoint'] = (checkpoint) =>
    writeAtomic(path, encodeCheckpoint(markCheckpoint(checkpoint, settings)));
  const from = resume ? unmarkCheckpoint(decodeCheckpoint(await readBytes(path), path), settings, path) : undefined;
  return { onCheckpoint, checkpointEvery: CHECKPOINT_EPOCHS, resume: from };
}
