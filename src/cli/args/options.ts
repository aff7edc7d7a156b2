import type { Command } from 'commander';
import { EMBEDDER_SETTINGS, EMBEDDERS } from '../../embedders.ts';
import { FORMATS, PROTOCOLS, type Protocol, type TrainOptions } from '../../index.ts';
import { TRAIN_OPTIONS } from '../../recipe/options.ts';
import { decimal, integer, listOf, oneOf, text } from './arguments.ts';
import { add } from './command.ts';
import type { TrainingArguments } from './commandArguments.ts';
import { addDescribed, describedValues, flagValues } from './described.ts';
import { findInit, INIT_NAMES, type InitName } from './initNames.ts';

/** Options of `EmbeddingArguments`. */
export function addEmbeddingOptions(command: Command): Command {
  command.optionsGroup('Items and their texts:');
  add(command, '--items <file>', 'catalogue with texts', text('--items'));
  const formats = FORMATS.filter((format) => format !== 'lightgcn');
  add(
    command,
    '--items-format <name>',
    `${formats.join(' | ')} (default: by what the file holds)`,
    oneOf('--items-format', formats),
  );
  add(command, '--items-delimiter <text>', 'between fields of the catalogue', (value: string) => value);
  command.option('--items-header', 'the first line of the catalogue names its columns');
  command.option('--no-items-header', 'the first line of the catalogue is data');
  add(command, '--items-encoding <name>', 'of the catalogue, e.g. windows-1252', text('--items-encoding'));
  add(command, '--id-column <name>', 'column with the item ids of the catalogue', text('--id-column'));
  add(
    command,
    '--text-columns <list>',
    'columns that make up the text',
    listOf('--text-columns', text('--text-columns')),
  );
  add(
    command,
    '--text <template>',
    'the text instead: columns in braces, e.g. "{title}. {category}"',
    text('--text'),
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
