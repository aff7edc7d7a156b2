import type { Command } from 'commander';
import { OptionError } from '../../errors.ts';
import { importedModel } from '../../exchange/factors/importedModel.ts';
import { encodeModel } from '../../index.ts';
import { writeAtomic } from '../../node/files.ts';
import { listOf, text } from '../args/arguments.ts';
import { add, addOutputOptions, type OutputOptions, outputOptions } from '../args/command.ts';
import { addDataOptions, type DataOptions, dataOptions } from '../args/dataOptions.ts';
import { checkNoVectors } from '../args/embedderArguments.ts';
import {
  addItemOptions,
  type CatalogueOptions,
  catalogueOptions,
  vectorOptions,
} from '../args/itemOptions.ts';
import { openCatalogue } from '../catalogue.ts';
import { readFiles } from '../dataset.ts';
import { checkFactorFiles, type FactorFiles, isJob, readFactors } from '../importFiles.ts';
import { importJob } from '../importJob.ts';
import { interruptible } from '../interrupt.ts';
import { print, printJson } from '../output.ts';
import { checkOutputs } from '../outputFile.ts';
import { VERSION } from '../version.ts';

const HELP = `
Reads factors that were trained elsewhere, by which users and items are ranked by inner products:
  a folder of llminit handover    what train.py has trained, with its ids
  F.safetensors, F.npz, F.pth     item_factors and user_factors in one file; models of implicit, checkpoints of RecBole
  --item-factors F.npy            and --user-factors: a file each; beside .npy, F.ids.txt or --item-ids, --user-ids
  --item-factors F.csv            an id and numbers, or a list, in each row: CSV, Parquet, JSON lines, dumps of pgvector

Examples:
  $ llminit import job --out model.safetensors
  $ llminit import als.npz --user-ids users.txt --item-ids items.txt --interactions ratings.csv --out model.safetensors
  $ llminit import --item-factors items.parquet --items products.csv --keep price --out model.safetensors
`;

/** Adds the command `import`. */
export function addImport(program: Command): void {
  const command = program
    .command('import')
    .description('make a model file of factors that were trained elsewhere');
  command.argument('[factors]', 'a folder of llminit handover, or a file with the rows of items and users');
  command.optionsGroup('Factors:');
  add(command, '--item-factors <file>', 'a file with the rows of items', text('--item-factors'));
  add(command, '--user-factors <file>', 'a file with the rows of users', text('--user-factors'));
  add(command, '--item-ids <file>', 'an id in each line, for files without', text('--item-ids'));
  add(command, '--user-ids <file>', '… of the users', text('--user-ids'));
  addDataOptions(command);
  addItemOptions(command);
  addOutputOptions(command);
  const keep = 'columns of --items that the model keeps, to filter by: category,price';
  add(command, '--keep <list>', keep, listOf('--keep', text('--keep')));
  command.requiredOption('--out <file>', 'the model file to write');
  command.addHelpText('after', HELP);
  command.action((both: string | undefined) =>
    interruptible((signal) => importAs(importOptions(command, both), signal)),
  );
}

interface ImportOptions {
  readonly files: FactorFiles;
  readonly data: DataOptions;
  readonly catalogue: CatalogueOptions;
  readonly output: OutputOptions;
  readonly out: string;
}

function importOptions(command: Command, both: string | undefined): ImportOptions {
  const { itemFactors, userFactors, itemIds, userIds, out } = command.opts<FactorFiles & { out: string }>();
  checkNoVectors(vectorOptions(command));
  return {
    files: { both, itemFactors, userFactors, itemIds, userIds },
    data: dataOptions(command),
    catalogue: catalogueOptions(command),
    output: outputOptions(command),
    out,
  };
}

async function importAs(options: ImportOptions, signal: AbortSignal): Promise<void> {
  const { files, data, catalogue, output, out } = options;
  checkFactorFiles(files);
  checkRead(files, data, catalogue);
  if (files.both !== undefined && isJob(files.both)) {
    await importJob(files.both, out, output.json, signal);
    return;
  }
  const named = {
    '<factors>': files.both,
    '--item-factors': files.itemFactors,
    '--user-factors': files.userFactors,
  };
  const ids = { '--item-ids': files.itemIds, '--user-ids': files.userIds };
  const others = { '--interactions': data.files.interactions, '--items': catalogue.path };
  await checkOutputs({ '--out': out }, { files: { ...named, ...ids, ...others } });
  await importFactors(options, signal);
}

async function importFactors(
  { files, data, catalogue, output, out }: ImportOptions,
  signal: AbortSignal,
): Promise<void> {
  const factors = await readFactors(files);
  const paths = data.files.interactions;
  const read = paths
    ? await readFiles('--interactions', paths, { reading: data.reading, engine: data.engine }, signal)
    : null;
  const opened = catalogue.path === undefined ? null : await openCatalogue(catalogue.path, catalogue, signal);
  const source = [files.both ?? files.itemFactors!].map((path) => path.replace(/^.*[\\/]/, ''))[0];
  const { model, without } = importedModel(factors, read?.interactions ?? null, {
    itemTitles: opened?.catalogue ?? null,
    attributes: catalogue.reading.keep && opened ? opened.attributes : null,
    config: { llminit: VERSION, model: 'imported', dim: factors.items.dim, source },
  });
  const bytes = encodeModel(model);
  await writeAtomic(out, bytes);
  const sizes = { users: model.userIds.length, items: model.itemIds.length, dim: model.dim };
  if (output.json) {
    printJson({ command: 'import', version: VERSION, out, bytes: bytes.length, ...sizes, without });
    return;
  }
  print(`${sizes.items} items, ${sizes.users} users, dim ${sizes.dim}`);
  if (!read) print('no --interactions: nothing is known of what users have, and lists may hold it');
  if (without.pairs > 0)
    print(
      `${without.pairs} interactions left out: ${without.users} users and ${without.items} items have no row`,
    );
  print(`wrote ${out} (${bytes.length} bytes)`);
}

/** @throws {OptionError} for a flag that nothing reads */
function checkRead(
  { both }: FactorFiles,
  { files, kCore, split }: DataOptions,
  { path }: CatalogueOptions,
): void {
  const job = both !== undefined && isJob(both);
  const unread = {
    ...{ '--train': files.train, '--valid': files.valid, '--test': files.test, '--k-core': kCore },
    ...{ '--split': split.name, '--ratios': split.ratios, '--split-at': split.at, '--order': split.order },
    ...{ '--valid-share': split.validShare },
    ...(job && { '--interactions': files.interactions, '--items': path }),
  };
  const found = Object.entries(unread).find(([, value]) => value !== undefined);
  if (!found) return;
  const why = job ? 'the job holds what it was trained on' : 'what users have is taken as it is';
  throw new OptionError(found[0], `expected none: ${why}, received one`, 'Leave it out');
}
