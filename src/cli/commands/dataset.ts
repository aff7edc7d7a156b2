import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { OptionError } from '../../index.ts';
import { writeAtomic } from '../../node.ts';
import { didYouMean } from '../../options/nearest.ts';
import { decimal, integer, text } from '../args/arguments.ts';
import { add, addOutputOptions, type OutputOptions } from '../args/command.ts';
import {
  CATEGORIES,
  checkCategory,
  downloadCategory,
  OFFICIAL_URL,
  readCategory,
} from '../datasets/amazon2014.ts';
import { type Counts, countsText, KNOWN_DATASETS, knownDataset } from '../datasets/known.ts';
import { interruptible } from '../interrupt.ts';
import { print, printJson } from '../output.ts';
import { checkOutputs } from '../outputFile.ts';
import { progressTo } from '../progress.ts';
import { VERSION } from '../version.ts';

interface DatasetArguments extends Partial<OutputOptions> {
  readonly out: string;
  readonly baseUrl: string;
  readonly minRating?: number;
  readonly kCore: number;
  readonly timeout: number;
}

const HELP = `
Datasets of the paper: ${Object.keys(KNOWN_DATASETS).join(', ')}, which go to <name>/<name>.inter and .item of --out, where
llminit reproduce --dataset <name> finds them. Categories of amazon-2014: ${CATEGORIES.join(', ')}.

The ratings and the metadata are kept in --out; a broken download goes on where it stopped. The data are for research:
cite McAuley et al. (SIGIR 2015) or He & McAuley (WWW 2016).

Examples:
  $ llminit dataset amazon-beauty --out data
  $ llminit reproduce table1 --dataset amazon-beauty --data data --protocol standard,paper --out beauty
  $ llminit dataset amazon-2014 Office_Products --out data
  $ llminit train --interactions data/Office_Products.inter --items data/Office_Products.item --out model.safetensors
`;

/** Adds the command `dataset`. */
export function addDataset(program: Command): void {
  const command = program
    .command('dataset')
    .description('download a public dataset and write it as .inter and .item files')
    .argument('<name>', ['amazon-2014', ...Object.keys(KNOWN_DATASETS)].join(' | '))
    .argument('[category]', 'of amazon-2014, e.g. Office_Products');
  add(command, '--out <folder>', 'receives the files', text('--out'), 'data');
  command.addOption(new Option('--base-url <url>', 'where the files are').default(OFFICIAL_URL));
  add(command, '--min-rating <number>', 'leave out lower ratings', decimal('--min-rating'), 4);
  add(
    command,
    '--k-core <n>',
    'keep users and items with n interactions; 0 keeps all',
    integer('--k-core', 0),
    5,
  );
  add(command, '--timeout <s>', 'give up after so many seconds without a byte', integer('--timeout', 1), 60);
  addOutputOptions(command).addHelpText('after', HELP);
  command.action((name: string, category: string | undefined) =>
    interruptible((signal) => {
      const args = command.opts<DatasetArguments>();
      return dataset(wanted(name, category, args.out), args, signal);
    }),
  );
}

/** What is downloaded, and where it goes. */
interface Wanted {
  readonly category: string;
  readonly folder: string;
  /** Of the files that are written. */
  readonly stem: string;
  /** What the paper counts; null where it has no such dataset. */
  readonly published: Counts | null;
}

/** @throws {OptionError} for an unknown name or category, or one that is missing or not read */
function wanted(name: string, category: string | undefined, out: string): Wanted {
  const known = knownDataset(name);
  if (!known && name !== 'amazon-2014') {
    const names = ['amazon-2014', ...Object.keys(KNOWN_DATASETS)];
    const remedy = didYouMean(name, names, 'Name one of them');
    throw new OptionError('dataset', `expected ${names.join(', ')}, received ${name}`, remedy);
  }
  if (!known) {
    if (category === undefined)
      throw new OptionError('dataset', 'expected a category of amazon-2014, received none', 'Name it');
    checkCategory(category);
    return { category, folder: out, stem: category, published: null };
  }
  if (category !== undefined) {
    const problem = `expected no category beside ${name}, received ${category}`;
    throw new OptionError('dataset', problem, `Leave it out: ${name} is ${known.category}`);
  }
  return { category: known.category, folder: join(out, name), stem: name, published: known.published };
}

async function dataset(
  { category, folder: out, stem, published }: Wanted,
  args: DatasetArguments,
  signal: AbortSignal,
): Promise<void> {
  const { baseUrl, minRating, kCore: core, timeout: timeoutSeconds } = args;
  const progress = progressTo(process.stderr, args.quiet ?? false);
  await mkdir(out, { recursive: true });
  const files = await downloadCategory(category, out, baseUrl, { timeoutSeconds, progress, signal });
  const paths = { inter: join(out, `${stem}.inter`), item: join(out, `${stem}.item`) };
  await checkOutputs(
    { '--out': Object.values(paths) },
    { files: { 'a downloaded file': Object.values(files) } },
  );
  progress.line(`reading ${files.ratings} and ${files.metadata}`);
  const { inter, item, stages, itemsWithoutText } = await readCategory(files, { minRating, core, signal });
  const encoder = new TextEncoder();
  await writeAtomic(paths.item, encoder.encode(item), { signal });
  await writeAtomic(paths.inter, encoder.encode(inter), { signal });
  if (args.json) {
    const found = { category, ...paths, stages, itemsWithoutText, ...(published && { published }) };
    printJson({ command: 'dataset', version: VERSION, ...found });
    return;
  }
  for (const { after, ...counts } of stages) print(`${after}: ${countsText(counts)}`);
  if (published) print(`published, rating ≥ 4 and 5-core: ${countsText(published)}`);
  print(`${itemsWithoutText} items without a text were left out`);
  print(`wrote ${paths.inter} and ${paths.item}`);
}
