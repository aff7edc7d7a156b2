import type { Command } from 'commander';
import {
  type Catalogue,
  DataError,
  type Interactions,
  isLlminitError,
  type LlminitError,
  type NamedSource,
  OptionError,
  readInteractions,
} from '../../index.ts';
import { DEFAULT_BUDGET } from '../../recipe/budget.ts';
import { choiceEntries } from '../../recipe/candidates/index.ts';
import { type Forecast, forecast } from '../../recipe/forecast.ts';
import { expectedSize } from '../../recipe/size.ts';
import { addOutputOptions, type OutputOptions, outputOptions } from '../args/command.ts';
import { addDataOptions, type DataOptions, dataOptions, type ReadingOptions } from '../args/dataOptions.ts';
import { addItemOptions, type CatalogueOptions, catalogueOptions } from '../args/itemOptions.ts';
import { openCatalogue } from '../catalogue.ts';
import { fileLines } from '../dataReport.ts';
import { type FileReport, readFiles } from '../dataset.ts';
import { inputSources } from '../inputs.ts';
import { interruptible } from '../interrupt.ts';
import { print, printJson } from '../output.ts';
import { forecastJson, forecastLines, LEXICAL_DIM, withReading } from '../predicted.ts';
import { VERSION } from '../version.ts';
import { suggestedCommand, warningsOf } from './checkAdvice.ts';

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
  addItemOptions(command);
  addOutputOptions(command).addHelpText('after', HELP);
  command.action((files: string[]) =>
    interruptible((signal) =>
      check(files, dataOptions(command), catalogueOptions(command), outputOptions(command), signal),
    ),
  );
}

async function check(
  files: readonly string[],
  { files: named, reading, engine }: DataOptions,
  catalogue: CatalogueOptions,
  { json }: OutputOptions,
  signal: AbortSignal,
): Promise<void> {
  const given = { interactions: named.interactions ?? [], items: catalogue.path };
  const paths = await sortedPaths(files, given, reading, catalogue, signal);
  const skipping = { onBadLine: 'skip' } as const;
  const how = { reading: { ...reading, ...skipping }, engine };
  const read = await readFiles('--interactions', paths.interactions, how, signal);
  const ofItems = { ...catalogue, reading: { ...catalogue.reading, ...skipping } };
  const items = paths.items ? await openCatalogue(paths.items, ofItems, signal) : null;
  const { interactions } = read;
  const warnings = warningsOf(interactions, items?.catalogue ?? null, [
    ...read.report.files,
    ...(items ? [items.report] : []),
  ]);
  const foreseen = expected(interactions, items?.catalogue ?? null, paths.interactions);
  const command = suggestedCommand(paths, reading, catalogue.reading, interactions, warnings.hasBadLines);
  if (json) {
    const { numUsers: users, numItems, length } = interactions;
    printJson({
      ...{ command: 'check', version: VERSION, files: read.report.files, catalogue: items?.report ?? null },
      data: {
        users,
        items: numItems,
        interactions: length,
        belowRating: interactions.belowRating,
        duplicates: interactions.duplicates,
        feedback: interactions.feedback,
      },
      ...{ warnings: warnings.texts, forecast: forecastJson(foreseen), suggestion: command },
    });
    return;
  }
  const told = forecastLines(foreseen).map((line) => `llminit train is ${line}`);
  printReport(read.report.files, interactions, items, warnings.texts, [...told, '', command]);
}

function printReport(
  files: readonly FileReport[],
  { numUsers, numItems, length, belowRating, duplicates }: Interactions,
  items: { readonly catalogue: Catalogue; readonly report: FileReport } | null,
  warnings: readonly string[],
  advice: readonly string[],
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
  for (const line of advice) print(line);
}

/** What `llminit train` is expected to take on these data with its default settings. */
function expected(interactions: Interactions, texts: Catalogue | null, paths: readonly string[]): Forecast {
  const size = expectedSize(interactions, texts ? LEXICAL_DIM : null);
  const entries = choiceEntries(size, texts !== null, {});
  const training = forecast(entries, size, {}, { budget: DEFAULT_BUDGET, threads: 1 });
  return withReading(training, paths, texts ? interactions.numItems : 0);
}

/** Which of the files holds what. @throws what keeps the first from being interactions, if none holds any */
async function sortedPaths(
  files: readonly string[],
  given: { readonly interactions: readonly string[]; readonly items: string | undefined },
  reading: ReadingOptions,
  catalogue: CatalogueOptions,
  signal: AbortSignal,
): Promise<{ interactions: string[]; items: string | undefined }> {
  const interactions = [...given.interactions];
  let { items } = given;
  let reason: LlminitError | null = null;
  for (const { name } of await inputSources('check', files)) {
    const problem = await whyNoInteractions(name, reading, signal);
    reason ??= problem;
    if (problem === null) interactions.push(name);
    else if (items === undefined) items = name;
    else {
      if (interactions.length === 0) break;
      throw new DataError(name, 'expected interactions, received a second catalogue', 'Name one catalogue');
    }
  }
  if (interactions.length > 0) return { interactions, items };
  if (items !== undefined && (reason === null || reason.option === 'userColumn'))
    await refuseLoneCatalogue(items, catalogue, signal);
  throw reason ?? new OptionError('check', 'expected a file with interactions, received none', 'Name one');
}

/** @throws {DataError} that says what a file is, where it is a catalogue without interactions beside it */
async function refuseLoneCatalogue(
  path: string,
  { reading, ...others }: CatalogueOptions,
  signal: AbortSignal,
): Promise<void> {
  let layout: string;
  try {
    const options = { ...others, reading: { ...reading, onBadLine: 'skip' } } as const;
    layout = (await openCatalogue(path, options, signal)).report.layout;
  } catch (error) {
    if (isLlminitError(error)) return;
    throw error;
  }
  const problem = `expected interactions, received a catalogue alone: ${layout}`;
  throw new DataError(
    path,
    problem,
    'Name the interactions beside it: llminit check ratings.csv products.csv',
  );
}

/** Errors about these say that a file has another shape than interactions, as a catalogue has. */
const SHAPE_OPTIONS = ['userColumn', 'itemColumn', 'encoding', 'format', 'itemSeparator'];

/** What keeps a file from being interactions: columns that are missing, or another shape; null for one that holds them. */
async function whyNoInteractions(
  path: string,
  reading: ReadingOptions,
  signal: AbortSignal,
): Promise<LlminitError | null> {
  const [source]: NamedSource[] = await inputSources('check', path);
  const { format, delimiter, header, encoding, userColumn, itemColumn, itemSeparator } = reading;
  try {
    // What the other columns hold does not decide what a file is.
    const none = { ratingColumn: null, timestampColumn: null, eventColumn: null };
    const columns = { userColumn, itemColumn, itemSeparator, ...none };
    const options = { name: path, format, delimiter, header, encoding, ...columns, signal };
    await readInteractions([source], { ...options, onBadLine: 'skip' });
    return null;
  } catch (error) {
    if (isLlminitError(error) && SHAPE_OPTIONS.includes(error.option ?? '')) return error;
    throw error;
  }
}
