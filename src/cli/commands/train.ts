import type { Command } from 'commander';
import { OptionError, TrainingData } from '../../index.ts';
import { INVERTED } from '../../models/closed/index.ts';
import { writeAtomic } from '../../node.ts';
import { checkTrainOptions } from '../../recipe/checkOptions.ts';
import { composed } from '../../recipe/compositions.ts';
import { prepareTraining } from '../../recipe/train.ts';
import { modelPieces } from '../../serve/modelFile/encode.ts';
import { bytesOfInverse } from '../../serve/modelFile/inverse.ts';
import { FIT_OPTIONS } from '../../train/fitOptions.ts';
import { integer, listOf, text } from '../args/arguments.ts';
import {
  type AugmentFiles,
  addAugmentFiles,
  augmentFiles,
  checkAugmentFiles,
  pathsOf,
} from '../args/augmentOptions.ts';
import {
  add,
  addConfigOptions,
  addOutputOptions,
  type OutputOptions,
  outputOptions,
} from '../args/command.ts';
import { CommandLine } from '../args/commandLine.ts';
import { addDataOptions, type DataOptions, dataOptions } from '../args/dataOptions.ts';
import { checkCatalogue, checkNoVectors, checkVectors } from '../args/embedderArguments.ts';
import { INIT_NAMES } from '../args/initNames.ts';
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
  recipeOptions,
} from '../args/options.ts';
import { addShardOptions, type ShardOptions, shardOptions, sharedLine } from '../args/queueOptions.ts';
import { augmented, measured } from '../augmented.ts';
import { inputsOf } from '../dataset.ts';
import { diagnosticsOf } from '../diagnostics.ts';
import { repeated } from '../epochsOf.ts';
import { atOnce, interruptible } from '../interrupt.ts';
import { configOf, metricsOf } from '../modelRecord.ts';
import { print, printJson } from '../output.ts';
import { checkOutputs } from '../outputFile.ts';
import { forecastJson, forecastLines, withReading } from '../predicted.ts';
import { readsText } from '../readsText.ts';
import { limits, openSession, openTraining } from '../session.ts';
import { trainingSummary } from '../trainingSummary.ts';
import { checkParts, trainInQueue, trainPart } from '../trainParts.ts';
import { CHECKPOINT_EPOCHS, type Recipe, trainSafely } from '../trainSafely.ts';
import { VERSION } from '../version.ts';

/** The files beside those that are read. */
interface StateOptions {
  readonly out: string;
  readonly checkpoint?: string;
  readonly resume?: boolean;
  readonly epochsOf?: string;
  readonly keepInverse?: boolean;
}

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
  addItemOptions(command);
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
  const epochsOf =
    'repeat what was chosen for this model, settings, epochs and weights, e.g. beside --split none';
  add(command, '--epochs-of <file>', epochsOf, text('--epochs-of'));
  addAugmentFiles(command);
  addConfigOptions(command);
  addOutputOptions(command);
  const keep = 'columns of --items that the model keeps, to filter by: category,price';
  add(command, '--keep <list>', keep, listOf('--keep', text('--keep')));
  command.option(
    '--keep-inverse',
    `keep what takes changes into the items of ${INVERTED.join(', ')} exactly: 2 bytes for each pair of items`,
  );
  command.requiredOption('--out <file>', 'the model file to write');
  command.optionsGroup('Parts of a closed form:');
  addShardOptions(command, 'the items of --model l3ae');
  const line = new CommandLine(command);
  command.addHelpText('after', HELP);
  command.action(() => interruptible((signal) => train(trainJob(command, line), signal)));
}

/** What the command line says, by what it is for. */
interface TrainJob {
  readonly data: DataOptions;
  readonly catalogue: CatalogueOptions;
  readonly vectors: VectorOptions;
  readonly recipe: Recipe;
  readonly state: StateOptions;
  readonly machine: MachineOptions;
  readonly output: OutputOptions;
  readonly parts: ShardOptions;
  /** The command line of every part. */
  readonly argv: readonly string[];
  readonly augment: AugmentFiles;
}

function trainJob(command: Command, line: CommandLine): TrainJob {
  const { init, seed, protocol } = command.opts<Pick<Recipe, 'init' | 'seed' | 'protocol'>>();
  const { out, checkpoint, resume, epochsOf, keepInverse } = command.opts<StateOptions>();
  return {
    data: dataOptions(command),
    catalogue: catalogueOptions(command),
    vectors: vectorOptions(command),
    recipe: composed({ ...recipeOptions(command), ...(init && { init }), seed, protocol }),
    state: { out, checkpoint, resume, epochsOf, keepInverse },
    machine: machineOptions(command),
    output: outputOptions(command),
    parts: shardOptions(command),
    argv: sharedLine(command, line),
    augment: augmentFiles(command),
  };
}

async function train(
  { data, catalogue, vectors, recipe, state, machine, output, parts, argv, augment }: TrainJob,
  signal: AbortSignal,
): Promise<void> {
  const withText = readsText(recipe, namesText(catalogue, vectors));
  checkCatalogue(catalogue);
  checkVectors(vectors, withText && catalogue.path === undefined);
  if (!withText) checkNoVectors(vectors);
  checkTrainOptions(recipe.init ?? 'auto', recipe, withText);
  checkState(state, recipe);
  checkAugmentFiles(augment, withText, state.keepInverse === true || parts.queued !== null);
  checkParts(parts, recipe, state.checkpoint);
  const outputs = { '--out': state.out, '--checkpoint': state.checkpoint };
  const inputs = inputsOf(data.files, catalogue.path, vectors);
  const files = { ...inputs.files, '--merge': parts.merge ?? undefined, ...pathsOf(augment) };
  await checkOutputs(outputs, { ...inputs, files });
  const repeat = state.epochsOf === undefined ? {} : await repeated(state.epochsOf, recipe);
  checkTrainOptions(recipe.init ?? 'auto', { ...recipe, ...repeat }, withText);

  if (parts.queued) return trainInQueue({ ...parts.queued, argv, out: state.out }, output, signal);
  const session = await openSession(machine, output.quiet, signal);
  const wanted = { catalogue, vectors: withText ? vectors : null };
  const read = await openTraining(data, recipe.seed, wanted, session);
  const { split, items } = read;
  const own = await augmented(augment, split, items.embeddings, session);
  const training = new TrainingData(own.split, own.embeddings, items.titles);
  const prepared = await prepareTraining(training, { ...recipe, ...repeat, ...limits(session) });
  const forecast = withReading(
    prepared.forecast,
    Object.values(data.files).flat(),
    items.lexical?.ids.length ?? 0,
  );
  for (const line of forecastLines(forecast)) session.progress.line(line);
  if (parts.shard) return trainPart(prepared, state.out, parts.shard, session, output);
  const { merge } = parts;
  const trained = await trainSafely(prepared, recipe, { ...state, merge }, session);
  const test = split.test.length > 0 ? await measured(trained, split, forecast.testUsers, session) : null;

  const diagnostics = await diagnosticsOf(trained, session.runtime);
  const config = {
    ...configOf(trained, read.report, items.report),
    ...(own.report && { augmented: own.report }),
  };
  const metrics = metricsOf(trained, test);
  const inverse = state.keepInverse ? await trained.keptInverse({ signal }) : null;
  // A map of vectors needs these very ones.
  const embeddings = trained.result?.adapter ? items.embeddings : items.lexical;
  const kept = { attributes: items.attributes, embeddings, inverse };
  const pieces = await atOnce(() => modelPieces(trained.model({ config, metrics, ...kept })));
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  await writeAtomic(state.out, pieces, { signal });
  const inverseBytes = inverse && bytesOfInverse(inverse);
  const written = { out: state.out, bytes, ...(inverseBytes && { inverseBytes }) };
  if (output.json) {
    const { contest, result } = trained;
    printJson({
      ...{ command: 'train', version: VERSION, ...written, config },
      data: { ...read.report, parts: read.parts },
      ...{ forecast: forecastJson(forecast), embeddings: items.report, metrics, diagnostics },
      ...{ history: result?.history ?? [], contest },
    });
  } else
    print(
      [
        ...trainingSummary(trained, test, new Set(split.test.users).size, diagnostics),
        `wrote ${state.out} (${bytes} bytes${inverseBytes ? `, ${inverseBytes} of them the inverse` : ''})`,
      ].join('\n'),
    );
}

/** @throws {OptionError} for options of the state that do not go together */
function checkState(
  { checkpoint, resume, epochsOf, keepInverse }: StateOptions,
  { epochs, model }: Recipe,
): void {
  if (keepInverse && !INVERTED.some((name) => name === model)) {
    const problem = `expected --model ${INVERTED.join(' or ')} beside it, received ${model ?? 'none'}`;
    throw new OptionError('--keep-inverse', problem, 'Other models have no inverse to keep');
  }
  if (epochsOf !== undefined && epochs !== undefined) {
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
}
