import type { Command } from 'commander';
import { EMBEDDER_SETTINGS, EMBEDDERS } from '../../embedders.ts';
import { AUGMENTATIONS, MODELS, NEGATIVES, POOLINGS, PROTOCOLS, type Protocol } from '../../index.ts';
import { decimal, integer, listOf, oneOf, text } from './arguments.ts';
import { add, addDescribed } from './command.ts';
import { INIT_NAMES, type InitName } from './initNames.ts';

/** Options of `DataArguments`. */
export function addDataOptions(command: Command): Command {
  command.optionsGroup('Interactions:');
  add(command, '--interactions <file>', 'user–item interactions', text('--interactions'));
  add(command, '--train <file>', 'a ready-made split instead: training interactions', text('--train'));
  add(command, '--valid <file>', '… validation interactions', text('--valid'));
  add(command, '--test <file>', '… test interactions', text('--test'));
  const formats = ['csv', 'tsv', 'jsonl', 'recbole', 'lightgcn'] as const;
  add(
    command,
    '--format <name>',
    `${formats.join(' | ')} (default: by the file's ending)`,
    oneOf('--format', formats),
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
  const formats = ['csv', 'tsv', 'jsonl', 'recbole'] as const;
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
  for (const setting of Object.values(EMBEDDER_SETTINGS)) addDescribed(command, setting);
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

/** Options of `TrainingArguments`; defaults are the authors' configuration. */
export function addTrainingOptions(command: Command): Command {
  const positive = (value: number) => value > 0;
  command.optionsGroup('Training:');
  add(command, '--model <name>', MODELS.join(' | '), oneOf('--model', MODELS), 'lightgcn');
  add(
    command,
    '--pool <name>',
    `user rows from item rows: ${POOLINGS.join(' | ')}`,
    oneOf('--pool', POOLINGS),
    'mean',
  );
  add(
    command,
    '--dim <n>',
    'width of the tables (default: 128; for init full that of the vectors)',
    integer('--dim', 1),
  );
  add(command, '--layers <n>', 'propagation layers (default: 2; 0 for bpr-mf)', integer('--layers', 0));
  add(command, '--batch <n>', 'interactions per update', integer('--batch', 1), 256);
  add(command, '--epochs <n>', 'at most', integer('--epochs', 1), 300);
  add(command, '--patience <n>', 'epochs without a better validation NDCG@10', integer('--patience', 0), 10);
  add(command, '--optimizer <name>', 'adam | sgd', oneOf('--optimizer', ['adam', 'sgd']), 'adam');
  add(command, '--lr <number>', 'learning rate', decimal('--lr', 'a number > 0', positive), 1e-3);
  add(
    command,
    '--reg <number>',
    'weight of the regularisation',
    decimal('--reg', 'a number ≥ 0', (value) => value >= 0),
    1e-5,
  );
  add(command, '--reg-form <name>', 'norm | squared', oneOf('--reg-form', ['norm', 'squared']), 'norm');
  addContrastiveOptions(command);
  addNegativesOptions(command);
  add(
    command,
    '--scale <number>',
    'mean norm of initial rows (default: as they are where columns are kept, 1 where they are mapped)',
    decimal('--scale', 'a number > 0', positive),
  );
  const fraction = decimal('--popular-fraction', 'a number in (0, 1]', (value) => value > 0 && value <= 1);
  add(
    command,
    '--popular-fraction <number>',
    'variance over the most popular items only (default: 1)',
    fraction,
  );
  const unit = (value: number) => value >= 0 && value <= 1;
  add(
    command,
    '--whiten-exponent <number>',
    'evens out the columns of whiten (default: 0.5) and graph-pca (default: 0.25)',
    decimal('--whiten-exponent', 'a number in [0, 1]', unit),
  );
  add(
    command,
    '--graph-weight <number>',
    'of co-occurrence in graph-pca (default: 1)',
    decimal('--graph-weight', 'a number in [0, 100]', (value) => value >= 0 && value <= 100),
  );
  add(
    command,
    '--frozen-columns <n>',
    'columns that init frozen keeps (default: half)',
    integer('--frozen-columns', 1),
  );
  const layers = oneOf('--adapter-layers', ['1', '2'] as const);
  add(
    command,
    '--adapter-layers <n>',
    'of the map of init adapter: 1 (default) | 2',
    (value: string) => Number(layers(value)) as 1 | 2,
  );
  command.option('--no-normalize', 'do not L2-normalise the vectors first');
  add(command, '--threads <n>', 'threads that compute; the result is the same', integer('--threads', 1), 1);
  return add(command, '--max-memory <MB>', 'refuse jobs that need more', integer('--max-memory', 1));
}

/** Without defaults here, so that they can be refused where they are not read. */
function addNegativesOptions(command: Command): void {
  add(
    command,
    '--negatives <name>',
    `${NEGATIVES.join(' | ')} (default: uniform)`,
    oneOf('--negatives', NEGATIVES),
  );
  const unit = decimal('--popularity-exponent', 'a number in [0, 1]', (value) => value >= 0 && value <= 1);
  add(command, '--popularity-exponent <number>', 'of negatives by popularity (default: 1)', unit);
  const candidates = integer('--hard-candidates', 1);
  add(command, '--hard-candidates <n>', 'draws of which hard keeps the best (default: 8)', candidates);
}

/** Without defaults here, so that they can be refused for the models that do not read them. */
function addContrastiveOptions(command: Command): void {
  const temperature = decimal('--temperature', 'a number ≥ 0.01', (value) => value >= 0.01);
  add(command, '--temperature <number>', 'of sgl, sgcl and mixsgcl (default: 0.2)', temperature);
  const weight = decimal('--ssl-weight', 'a number ≥ 0', (value) => value >= 0);
  add(command, '--ssl-weight <number>', 'of the contrastive loss of sgl (default: 0.05)', weight);
  const views = `views of sgl: edges, nodes or edges per layer dropped: ${AUGMENTATIONS.join(' | ')} (default: ED)`;
  add(command, '--augmentation <name>', views, oneOf('--augmentation', AUGMENTATIONS));
  const share = decimal('--dropout', 'a number in [0, 1)', (value) => value >= 0 && value < 1);
  add(command, '--dropout <number>', 'share that a view of sgl lacks (default: 0.1)', share);
}

/** @throws {OptionError} for an unknown name */
export function initNames(name: string): InitName {
  return oneOf<InitName>('--init', INIT_NAMES)(name);
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
