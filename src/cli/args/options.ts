import type { Command } from 'commander';
import { EMBEDDER_SETTINGS, EMBEDDERS } from '../../embedders.ts';
import { FORMATS, PROTOCOLS, type Protocol, type TrainOptions } from '../../index.ts';
import { TRAIN_OPTIONS } from '../../recipe/options.ts';
import { decimal, integer, listOf, oneOf, text } from './arguments.ts';
import { add } from './command.ts';
import type { TrainingArguments } from './commandArguments.ts';
import { addDescribed, describedValues, flagValues } from './described.ts';
import { findInit, INIT_NAMES, type InitName } from './initNames.ts';

/** Options of `DataArguments`. */
export function addDataOptions(command: Command): Command {
  command.optionsGroup('Interactions:');
  add(command, '--interactions <file>', 'user–item interactions', text('--interactions'));
  add(command, '--train <file>', 'a ready-made split instead: training interactions', text('--train'));
  add(command, '--valid <file>', '… validation interactions', text('--valid'));
  add(command, '--test <file>', '… test interactions', text('--test'));
  add(
    command,
    '--format <name>',
    `${FORMATS.join(' | ')} (default: by the file's ending)`,
    oneOf('--format', FORMATS),
  );
  add(command, '--user-column <name>', 'column with the user ids', text('--user-column'));
  add(command, '--item-column <name>', 'column with the item ids', text('--item-column'));
  add(command, '--rating-column <name>', 'column with the ratings', text('--rating-column'));
  add(command, '--timestamp-column <name>', 'column with the times', text('--timestamp-column'));
  add(command, '--min-rating <number>', 'leave out lower ratings', decimal('--min-rating'));
  add(
    command,
    '--k-core <n>',
    'keep users and items with n interactions, again and again',
    integer('--k-core', 0),
  );
  const splits = ['leave-one-out', 'ratio'] as const;
  add(command, '--split <name>', 'leave-one-out (default) | ratio', oneOf('--split', splits));
  add(command, '--ratios <list>', 'train,valid,test shares of --split ratio (default: 0.8,0.1,0.1)', ratios);
  add(
    command,
    '--order <name>',
    'of the split: random (default) | time',
    oneOf('--order', ['random', 'time']),
  );
  const policies = ['error', 'skip'] as const;
  return add(
    command,
    '--on-bad-line <what>',
    'error | skip (counted)',
    oneOf('--on-bad-line', policies),
    'error',
  );
}

/** Options of `EmbeddingArguments`. */
export function addEmbeddingOptions(command: Command): Command {
  command.optionsGroup('Items and their texts:');
  add(command, '--items <file>', 'catalogue with texts', text('--items'));
  const formats = FORMATS.filter((format) => format !== 'lightgcn');
  add(
    command,
    '--items-format <name>',
    `${formats.join(' | ')} (default: by ending)`,
    oneOf('--items-format', formats),
  );
  add(command, '--id-column <name>', 'column with the item ids of the catalogue', text('--id-column'));
  add(
    command,
    '--text-columns <list>',
    'columns that make up the text',
    listOf('--text-columns', text('--text-columns')),
  );
  add(command, '--title-column <name>', 'column with the titles', text('--title-column'));
  const written = EMBEDDERS.map((kind) => kind.written).join(' | ');
  add(
    command,
    '--embedder <what>',
    `${written} (default: ${EMBEDDERS[0].written}), or several side by side, separated by commas`,
    text('--embedder'),
  );
  const weight = decimal('--embedder-weights', 'numbers > 0 separated by commas', (value) => value > 0);
  add(
    command,
    '--embedder-weights <list>',
    'of several embedders (default: 1 for lexical, 0.5 for others)',
    (list: string) => list.split(',').map((part) => weight(part.trim())),
  );
  addDescribed(command, EMBEDDER_SETTINGS);
  add(command, '--cache <folder>', 'keep vectors of encoders here', text('--cache'));
  const what = 'error | skip (the item gets no vector; counted)';
  return add(
    command,
    '--on-missing-text <what>',
    what,
    oneOf('--on-missing-text', ['error', 'skip']),
    'error',
  );
}

/** Flags that decide initial tables and training; `init`, protocol and seeds differ between commands. */
const { init: _, protocol: __, seed: ___, ...TRAINING } = TRAIN_OPTIONS;

/** Options of `TrainingArguments`. */
export function addTrainingOptions(command: Command): Command {
  command.optionsGroup('Training:');
  addDescribed(command, TRAINING);
  add(command, '--threads <n>', 'threads that compute; the result is the same', integer('--threads', 1), 1);
  const memory = integer('--max-memory', 1);
  return add(command, '--max-memory <MB>', 'refuse jobs that need more', memory, undefined, [
    'maxMemoryBytes',
  ]);
}

/** What the flags of `addTrainingOptions` say, as options of `train`. */
export function trainingOptions(args: TrainingArguments): TrainOptions {
  return describedValues({ ...args }, TRAINING);
}

/** The same by the names of the flags, defaults included. */
export function trainingFlags(args: TrainingArguments): Record<string, unknown> {
  return flagValues({ ...args }, TRAINING);
}

/** @throws {OptionError} for an unknown name */
export function initNames(name: string): InitName {
  return findInit(name) ?? oneOf<InitName>('--init', INIT_NAMES)(name);
}

/** @throws {OptionError} for an unknown name */
export function protocolNames(name: string): Protocol {
  return oneOf('--protocol', PROTOCOLS)(name);
}

function ratios(value: string): [number, number, number] {
  const share = decimal('--ratios', 'three numbers ≥ 0 separated by commas', (number) => number >= 0);
  const values = value.split(',').map(share);
  if (values.length !== 3) share(value);
  return [values[0], values[1], values[2]];
}
