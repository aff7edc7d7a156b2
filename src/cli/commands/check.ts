import type { Command } from 'commander';
import {
  type Catalogue,
  DataError,
  type Interactions,
  isLlminitError,
  type NamedSource,
  OptionError,
  readInteractions,
} from '../../index.ts';
import { addOutputOptions } from '../args/command.ts';
import type { DataArguments, EmbeddingArguments, OutputArguments } from '../args/commandArguments.ts';
import { addDataOptions } from '../args/dataOptions.ts';
import { addEmbeddingOptions } from '../args/options.ts';
import { openCatalogue } from '../catalogue.ts';
import { fileLines } from '../dataReport.ts';
import { type FileReport, readFiles } from '../dataset.ts';
import { inputSources } from '../inputs.ts';
import { interruptible } from '../interrupt.ts';
import { print, printJson } from '../output.ts';
import { VERSION } from '../version.ts';
import { suggestedCommand, warningsOf } from './checkAdvice.ts';

type CheckArguments = DataArguments & EmbeddingArguments & OutputArguments;

const HELP = `
Reads the files, says what they were taken for and what is odd about them, and proposes a command. Trains nothing.
A file with a column for users holds interactions, one without a catalogue; --interactions and --items say it outright.

Example:
  $ llminit check ratings.csv products.csv
`;

/** Adds the command `check`. */
export function addCheck(program: Command): void {
  const command = program
    .command('check')
    .description('read files, report on them and propose a command; trains nothing');
  command.argument('[files...]', 'interactions and a catalogue');
  addDataOptions(command);
  addEmbeddingOptions(command);
  addOutputOptions(command).addHelpText('after', HELP);
  command.action((files: string[]) =>
    interruptible((signal) => check(files, command.opts<CheckArguments>(), signal)),
  );
}

async function check(files: readonly string[], args: CheckArguments, signal: AbortSignal): Promise<void> {
  const paths = await sortedPaths(files, args, signal);
  if (paths.interactions.length === 0)
    throw new OptionError('check', 'expected a file with interactions, received none', 'Name one');
  const read = await readFiles({ ...args, onBadLine: 'skip' }, '--interactions', paths.interactions, signal);
  const items = paths.items ? await openCatalogue({ ...args, onBadLine: 'skip' }, paths.items, signal) : null;
  const { interactions } = read;
  const warnings = warningsOf(interactions, items?.catalogue ?? null, [
    ...read.report.files,
    ...(items ? [items.report] : []),
  ]);
  const command = suggestedCommand(paths, args, interactions, warnings.hasBadLines);
  if (args.json) {
    const { numUsers: users, numItems, length } = interactions;
    printJson({
      ...{ command: 'check', version: VERSION, files: read.report.files, catalogue: items?.report ?? null },
      data: {
        users,
        items: numItems,
        interactions: length,
        belowRating: interactions.belowRating,
        duplicates: interactions.duplicates,
      },
      ...{ warnings: warnings.texts, suggestion: command },
    });
    return;
  }
  printReport(read.report.files, interactions, items, warnings.texts, command);
}

function printReport(
  files: readonly FileReport[],
  { numUsers, numItems, length, belowRating, duplicates }: Interactions,
  items: { readonly catalogue: Catalogue; readonly report: FileReport } | null,
  warnings: readonly string[],
  command: string,
): void {
  for (const file of files) for (const line of fileLines(file)) print(line);
  print(
    `${numUsers} users, ${numItems} items, ${length} interactions; ${belowRating} not liked, ${duplicates} duplicates`,
  );
  if (items) {
    for (const line of fileLines(items.report)) print(line);
    const { ids, texts } = items.catalogue;
    print(
      `${ids.length} items in the catalogue, the first: ${ids[0]} ${JSON.stringify(texts[0].slice(0, 100))}`,
    );
  }
  for (const warning of warnings) print(`warning: ${warning}`);
  print(`\n${command}`);
}

/** Which of the files holds what. */
async function sortedPaths(
  files: readonly string[],
  args: CheckArguments,
  signal: AbortSignal,
): Promise<{ interactions: string[]; items: string | undefined }> {
  const interactions = [...(args.interactions ?? [])];
  let { items } = args;
  for (const { name } of await inputSources('check', files)) {
    if (await holdsInteractions(name, args, signal)) interactions.push(name);
    else if (items === undefined) items = name;
    else
      throw new DataError(name, 'expected interactions, received a second catalogue', 'Name one catalogue');
  }
  return { interactions, items };
}

/** Whether a file has columns for users and items. */
async function holdsInteractions(path: string, args: CheckArguments, signal: AbortSignal): Promise<boolean> {
  const [source]: NamedSource[] = await inputSources('check', path);
  const { format, delimiter, header, encoding, userColumn, itemColumn } = args;
  try {
    const options = { name: path, format, delimiter, header, encoding, userColumn, itemColumn, signal };
    await readInteractions([source], { ...options, onBadLine: 'skip', feedback: undefined });
    return true;
  } catch (error) {
    const isOther =
      isLlminitError(error) && ['userColumn', 'itemColumn', 'encoding'].includes(error.option ?? '');
    if (isOther) return false;
    throw error;
  }
}
