import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { OptionError } from '../../errors.ts';
import { fileError } from '../../node/files.ts';
import { oneOf, text } from '../args/arguments.ts';
import { print } from '../output.ts';
import { STARTERS, type StarterName } from '../starters.ts';
import { VERSION } from '../version.ts';

const NAMES = Object.keys(STARTERS) as StarterName[];

const HELP = `
Starters:
${NAMES.map((name) => `  ${name.padEnd(11)} ${STARTERS[name].what}`).join('\n')}

Example:
  $ llminit new cloudflare my-shop
`;

/** Files that name the version of this package, as \`"llminit": "^0.2.0"\` or \`npm:llminit@^0.2.0\`. */
const MANIFESTS = ['package.json', 'deno.json'];

/** What may lie in the folder of a new project. */
const TOLERATED = new Set(['.git', '.gitignore', 'LICENSE', '.DS_Store']);

/** Adds the command `new`. */
export function addNew(program: Command): void {
  const command = program.command('new').description('write a small project: data, training, server, test');
  command.argument('<starter>', NAMES.join(' | '), oneOf('<starter>', NAMES));
  command.argument('[folder]', 'a new or empty folder; by default named as the starter', text('[folder]'));
  command.addHelpText('after', HELP);
  command.action(create);
}

async function create(name: StarterName, folder = `llminit-${name}`): Promise<void> {
  const starter = STARTERS[name];
  await expectEmpty(folder);
  await copyStarter(await examplesFolder(), starter.folder, folder).catch((error) => {
    throw fileError(error, folder, 'a folder that can be written');
  });
  print(`${folder}: ${starter.what}, with a library of 24 invented books. Next:\n`);
  for (const step of [`cd ${folder}`, ...starter.steps]) print(`  $ ${step}`);
  print('\nYour own clicks and catalogue go in the place of data/loans.csv and data/books.csv.');
}

async function copyStarter(examples: string, starter: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await cp(join(examples, starter), folder, { recursive: true });
  await cp(join(examples, 'data'), join(folder, 'data'), { recursive: true });
  await writeFile(join(folder, '.gitignore'), 'node_modules\ndist\n.next\n.wrangler\n', { flag: 'wx' }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    },
  );
  for (const manifest of MANIFESTS) await nameVersion(join(folder, manifest));
}

/** @throws {OptionError} for a file, and for a folder that holds something */
async function expectEmpty(folder: string): Promise<void> {
  const found = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    if (error.code === 'ENOTDIR') throw refused(folder, 'a file');
    throw fileError(error, folder, 'a folder that can be read');
  });
  const foreign = found.find((file) => !TOLERATED.has(file));
  if (foreign !== undefined) throw refused(folder, `a folder that holds ${foreign}`);
}

function refused(folder: string, found: string): OptionError {
  return new OptionError(
    'new',
    `expected a new or empty folder, received ${folder}, ${found}`,
    'Name another folder',
  );
}

/** The folder of the package: one above the bundle `dist/cli.js` and its parts in `dist/cli/`. */
async function examplesFolder(): Promise<string> {
  let folder = fileURLToPath(new URL('.', import.meta.url));
  for (;;) {
    const above = resolve(folder, '..');
    const own = await readdir(join(folder, 'examples', 'data')).catch(() => null);
    if (own !== null) return join(folder, 'examples');
    if (above === folder) throw new Error('the folder examples/ of the package is missing');
    folder = above;
  }
}

/** Names this version, not the one that the example was written for. */
async function nameVersion(manifest: string): Promise<void> {
  const before = await readFile(manifest, 'utf8').catch(() => null);
  if (before === null) return;
  await writeFile(
    manifest,
    before.replace(/("llminit": "\^|npm:llminit@\^)[\d.]+/g, (_, start) => start + VERSION),
  );
}
