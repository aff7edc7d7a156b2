import type { Command } from 'commander';
import { OptionError } from '../../index.ts';
import { PREPARED_FORMATS, type Prepared, type PreparedFormat, prepareWithDuckdb } from '../../node.ts';
import { oneOf } from '../args/arguments.ts';
import {
  add,
  addConfigOptions,
  addOutputOptions,
  type OutputOptions,
  outputOptions,
} from '../args/command.ts';
import {
  addBadLineOption,
  addInteractionFiles,
  addReadingOptions,
  type DataOptions,
  dataOptions,
} from '../args/dataOptions.ts';
import { dataLines } from '../dataReport.ts';
import { fileReport } from '../dataset.ts';
import { inputSources, isPlainFile } from '../inputs.ts';
import { interruptible } from '../interrupt.ts';
import { print, printJson } from '../output.ts';
import { progressTo } from '../progress.ts';
import { VERSION } from '../version.ts';

const HELP = `
Reads, filters and thins interactions with DuckDB (npm install @duckdb/node-api), which spills to the disk what does not
fit into --engine-memory, and writes what is left to one file in --out, in the order in which it was read.

Example:
  $ llminit prepare --interactions 'logs/*.parquet' --min-rating 4 --k-core 5 --out prepared
  $ llminit train --interactions prepared/interactions.inter --min-rating 4 --items products.csv --out model.safetensors
`;

interface PrepareArguments {
  readonly out: string;
  readonly write?: PreparedFormat;
}

/** Adds the command `prepare`. */
export function addPrepare(program: Command): void {
  const command = program
    .command('prepare')
    .description('filter interactions that do not fit into memory, and write what is left');
  command.optionsGroup('Interactions:');
  addInteractionFiles(command);
  addReadingOptions(command);
  addBadLineOption(command);
  addConfigOptions(command);
  addOutputOptions(command);
  const formats = 'recbole (default), an .inter file | parquet';
  add(command, '--write <format>', formats, oneOf('--write', PREPARED_FORMATS));
  command.requiredOption('--out <folder>', 'receives the file');
  command.addHelpText('after', HELP);
  command.action(() =>
    interruptible((signal) =>
      prepare(
        dataOptions(command, 'duckdb'),
        command.opts<PrepareArguments>(),
        outputOptions(command),
        signal,
      ),
    ),
  );
}

async function prepare(
  { files, reading, engine, kCore }: DataOptions,
  { out, write: output = 'recbole' }: PrepareArguments,
  { json, quiet }: OutputOptions,
  signal: AbortSignal,
): Promise<void> {
  if (!files.interactions)
    throw new OptionError('--interactions', 'expected files, received none', 'Name them');
  const progress = progressTo(process.stderr, quiet);
  const sources = await inputSources('--interactions', files.interactions);
  const prepared = await prepareWithDuckdb(
    sources.map((source) => (isPlainFile(source) ? source.name : source)),
    out,
    { ...reading, ...engine, ...(kCore && { kCore }), output, signal },
  );
  const report = dataReport(prepared, reading.minRating, kCore);
  for (const line of dataLines(report)) progress.line(line);
  const { file, bytes, rows } = prepared;
  const command = readBy(prepared);
  if (json) {
    printJson({
      command: 'prepare',
      version: VERSION,
      out: file,
      bytes,
      rows,
      data: report,
      suggestion: command,
    });
    return;
  }
  print(`wrote ${file}: ${rows} rows, ${bytes} bytes`);
  print(`\n${command}`);
}

/** The counts as other commands give them. */
function dataReport(
  { reports, before, users, items, interactions }: Prepared,
  minRating?: number,
  k?: number,
) {
  const { belowRating, duplicates, ...read } = before;
  return {
    files: reports.map(fileReport),
    ...{ belowRating, duplicates },
    stages: [
      { after: minRating === undefined ? 'reading' : `rating ≥ ${minRating}`, ...read },
      ...(k ? [{ after: `${k}-core`, users, items, interactions }] : []),
    ],
    ...{ users, items, interactions },
  };
}

/** The command that reads the file as it is meant. */
function readBy({ file, reading }: Prepared): string {
  const { minRating, feedback, feedbackWeights } = reading;
  const flags = { '--min-rating': minRating, '--feedback': feedback, '--feedback-weights': feedbackWeights };
  const given = Object.entries(flags).filter(([, value]) => value !== undefined);
  const words = given.map(([flag, value]) => `${flag} ${value}`);
  return ['llminit train --interactions', JSON.stringify(file), ...words, '--out model.safetensors'].join(
    ' ',
  );
}
