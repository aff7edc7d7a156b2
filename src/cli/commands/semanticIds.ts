import type { Command } from 'commander';
import { SEMANTIC_ID_OPTIONS } from '../../embed/semanticIds.ts';
import { OptionError } from '../../errors.ts';
import { type Catalogue, load, type SemanticIdOptions, type SemanticIds, semanticIds } from '../../index.ts';
import { integer } from '../args/arguments.ts';
import {
  add,
  addConfigOptions,
  addOutputOptions,
  type OutputOptions,
  outputOptions,
} from '../args/command.ts';
import { addBadLineOption } from '../args/dataOptions.ts';
import { addDescribed, describedValues } from '../args/described.ts';
import { checkCatalogue, checkVectors, readsItems } from '../args/embedderArguments.ts';
import {
  addItemOptions,
  type CatalogueOptions,
  catalogueOptions,
  type VectorOptions,
  vectorOptions,
} from '../args/itemOptions.ts';
import { checkTexts, openCatalogue } from '../catalogue.ts';
import { fileLines } from '../dataReport.ts';
import { inputsOf } from '../dataset.ts';
import { sourceName, vectorsOf } from '../embedder.ts';
import { interruptible } from '../interrupt.ts';
import { print, printJson } from '../output.ts';
import { checkOutputs } from '../outputFile.ts';
import { progressTo } from '../progress.ts';
import { RowsFile, rowEnding } from '../rowsFile.ts';
import { tableText } from '../tables.ts';
import { VERSION } from '../version.ts';

const HELP = `
Gives every item of a catalogue a short code by residual k-means of its vector: level by level the nearest of --size centres, of what
the levels before leave over. Items with a prefix in common are alike. The last column tells items apart whose codes are
equal. Items without a vector are left out. Same vectors, options and seed: same bytes.

Examples:
  $ llminit semantic-ids --items products.csv --out codes.csv
  $ llminit semantic-ids --items products.csv --embedder vectors.safetensors --levels 2 --size 64 --out codes.parquet
`;

const { levels, size, iterations } = SEMANTIC_ID_OPTIONS;
const OPTIONS = { levels, size, iterations: { ...iterations, flag: '--iterations <n>' } };

interface Arguments {
  readonly out: string;
  readonly seed: number;
}

/** Adds the command `semantic-ids`. */
export function addSemanticIds(program: Command): void {
  const command = program
    .command('semantic-ids')
    .description('write short codes of all items, made of their vectors, to a file');
  addItemOptions(command);
  addBadLineOption(command);
  command.optionsGroup('Codes:');
  addDescribed(command, OPTIONS);
  add(command, '--seed <n>', SEMANTIC_ID_OPTIONS.seed.about, integer('--seed', 0), 2020);
  addConfigOptions(command);
  addOutputOptions(command).addHelpText('after', HELP);
  command.requiredOption('--out <file>', 'the file to write: .csv, .tsv, .jsonl or .parquet');
  command.action(() =>
    interruptible((signal) => {
      const given = command.opts<Arguments & Record<string, unknown>>();
      const options = { ...describedValues(given, OPTIONS), seed: given.seed };
      const [items, vectors] = [catalogueOptions(command), vectorOptions(command)];
      return writeCodes(items, vectors, given.out, options, outputOptions(command), signal);
    }),
  );
}

async function writeCodes(
  items: CatalogueOptions,
  vectors: VectorOptions,
  out: string,
  options: SemanticIdOptions,
  { json, quiet }: OutputOptions,
  signal: AbortSignal,
): Promise<void> {
  const { path } = items;
  if (path === undefined)
    throw new OptionError('semantic-ids', 'expected --items, received none', 'Name the catalogue');
  checkCatalogue(items);
  checkVectors(vectors, false);
  await checkOutputs({ '--out': out }, inputsOf({}, path, vectors));
  const ending = rowEnding('--out', out);
  const progress = progressTo(process.stderr, quiet);
  const runtime = await load();
  const { catalogue, images, report } = await openCatalogue(path, items, signal);
  for (const line of fileLines(report)) progress.line(line);
  const { texts, missing } = catalogue.aligned(catalogue.ids);
  if (readsItems(vectors, 'text') && vectors.onMissingText === 'error')
    checkTexts(path, missing, catalogue.length);
  const made = await vectorsOf(
    vectors,
    catalogue.ids,
    { texts, images, path },
    { runtime, progress, signal },
  );
  const ids = await semanticIds(made, { ...options, runtime, signal });
  const bytes = await write(ids, ending, out);
  const source = { source: sourceName(made.source), width: made.width };
  if (json) {
    const told = { ...source, ...counts(ids, catalogue), levels: ids.report, collisions: ids.collisions };
    printJson({ command: 'semantic-ids', version: VERSION, out, bytes, ...told, catalogue: report });
  } else print(`${reportOf(ids)}\nwrote ${out}: the codes of ${ids.ids.length} of ${catalogue.length} items`);
}

function counts(ids: SemanticIds, { length: items }: Pick<Catalogue, 'length'>) {
  return { items, withVector: ids.ids.length, withoutVector: items - ids.ids.length };
}

async function write(ids: SemanticIds, ending: ReturnType<typeof rowEnding>, out: string): Promise<number> {
  const columns = ids.levels + 1;
  const names = Array.from({ length: ids.levels }, (_, level) => `code_${level + 1}`);
  const file = new RowsFile(['item_id', ...names, 'place'], ending);
  for (const [n, id] of ids.ids.entries())
    file.add([id, ...ids.codes.subarray(n * columns, (n + 1) * columns)]);
  return file.write(out);
}

/** How the codes of each level are used, and how many items share all of theirs. */
function reportOf({ report, collisions: { items, largest } }: SemanticIds): string {
  const rows = report.map(({ size, used, entropy, left }, level) => [
    `${level + 1}`,
    `${used} of ${size}`,
    entropy.toFixed(2),
    `${(100 * left).toFixed(1)} %`,
  ]);
  const table = tableText(['level', 'codes used', 'bits', 'squared error left'], rows);
  const shared =
    items === 0
      ? 'no two items share all codes'
      : `${items} items share all codes with another, ${largest} of them the same: the last column tells them apart`;
  return `${table}\n${shared}`;
}
