import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { OptionError } from '../../index.ts';
import { writeAtomic } from '../../node.ts';
import { decimal, integer, text } from '../args/arguments.ts';
import { add, addOutputOptions, type OutputOptions } from '../args/command.ts';
import {
  CATEGORIES,
  checkCategory,
  downloadCategory,
  OFFICIAL_URL,
  readCategory,
} from '../datasets/amazon2014.ts';
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
Categories: ${CATEGORIES.join(', ')}.

The ratings and the metadata are kept in --out; a broken download goes on where it stopped. The data are for research:
cite McAuley et al. (SIGIR 2015) or He & McAuley (WWW 2016).

Example:
  $ llminit dataset amazon-2014 Office_Products --out data
  $ llminit train --interactions data/Office_Products.inter --items data/Office_Products.item --out model.safetensors
`;

/** Adds the command `dataset`. */
export function addDataset(program: Command): void {
  const command = program
    .command('dataset')
    .description('download a public dataset and write it as .inter and .item files')
    .argument('<name>', 'amazon-2014')
    .argument('<category>', 'e.g. Office_Products');
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
  command.action((name: string, category: string) =>
    interruptible((signal) => dataset(name, category, command.opts<DatasetArguments>(), signal)),
  );
}

async function dataset(
  name: string,
  category: string,
  args: DatasetArguments,
  signal: AbortSignal,
): Promise<void> {
  if (name !== 'amazon-2014') {
    throw new OptionError('dataset', `expected amazon-2014, received ${name}`, 'It is the only one so far');
  }
  checkCategory(category);
  const { out, baseUrl, minRating, kCore: core, timeout: timeoutSeconds } = args;
  const progress = progressTo(process.stderr, args.quiet ?? false);
  await mkdir(out, { recursive: true });
  const files = await downloadCategory(category, out, baseUrl, { timeoutSeconds, progress, signal });
  const paths = { inter: join(out, `${category}.inter`), item: join(out, `${category}.item`) };
  await checkOutputs(
    { '--out': Object.values(paths) },
    { files: { 'a downloaded file': Object.values(files) } },
  );
  progress.line(`reading ${files.ratings} and ${files.metadata}`);
  const { inter, item, stages, itemsWithoutText } = await readCategory(files, { minRating, core, signal });
  const encoder = new TextEncoder();
  await writeAtomic(paths.item, encoder.encode(item));
  await writeAtomic(paths.inter, encoder.encode(inter));
  if (args.json) {
    printJson({ command: 'dataset', version: VERSION, category, ...paths, stages, itemsWithoutText });
    return;
  }
  for (const { after, users, items, interactions } of stages)
    print(`${after}: ${users} users, ${items} items, ${interactions} interactions`);
  print(`${itemsWithoutText} items without a text were left out`);
  print(`wrote ${paths.inter} and ${paths.item}`);
}
