import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { dirname, sep } from 'node:path';
import { DataError, OptionError } from '../errors.ts';
import { assertReplaceable, fileError, fileIdentity } from '../node/files.ts';
import { archiveOf, filesMatching, isPattern, STDIN } from './paths.ts';

/** Paths by the flag that names them; a flag may name several, and absent ones are passed over. */
export type Paths = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What a command reads. */
export interface Inputs {
  readonly files?: Paths;
  /** Folders of which any file may be read. */
  readonly folders?: Paths;
}

/**
 * Makes sure, before any work is done, that all outputs of a command can be written and that none replaces an input or
 * another output, under whatever names: links, hard links, `..` and folders that are links are seen through.
 *
 * @throws {OptionError} naming the two flags, when two of them name one file
 * @throws {DataError} when an output is a folder or no plain file, or its folder is missing or may not be written
 */
export async function checkOutputs(outputs: Paths, { files = {}, folders = {} }: Inputs = {}): Promise<void> {
  const taken = new Map<string, string>();
  for (const [flag, path] of pairsOf(files))
    for (const file of await filesBehind(path)) taken.set(await fileIdentity(file), flag);
  const read: [flag: string, folder: string][] = [];
  for (const [flag, path] of pairsOf(folders))
    read.push([flag, `${await realpath(path).catch(() => path)}${sep}`]);
  for (const [flag, path] of pairsOf(outputs)) {
    const identity = await fileIdentity(path);
    const file = await realpath(path).catch(() => null);
    const other = taken.get(identity) ?? read.find(([, folder]) => file?.startsWith(folder))?.[0];
    if (other !== undefined) {
      const problem = `expected a file of its own, received ${path}, which is ${other} too`;
      throw new OptionError(flag, problem, 'Name another');
    }
    taken.set(identity, flag);
  }
  for (const [flag, path] of pairsOf(outputs)) await assertWritable(flag, path);
}

function pairsOf(paths: Paths): [flag: string, path: string][] {
  return Object.entries(paths).flatMap(([flag, named]) =>
    [named ?? []].flat().map((path): [string, string] => [flag, path]),
  );
}

/** The files that an input stands for: those that match a pattern, an archive, what standard input comes from. */
async function filesBehind(path: string): Promise<string[]> {
  if (path === STDIN) return ['/dev/stdin'];
  if (!isPattern(path)) return [archiveOf(path)?.archive ?? path];
  return filesMatching(path);
}

async function assertWritable(flag: string, path: string): Promise<void> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw fileError(error, `${flag} ${path}`, 'a file that can be written');
  });
  if (found?.isDirectory() || path === '' || path.endsWith('/') || path.endsWith(sep))
    refuse(flag, path, 'received a folder', 'Name a file in it');
  await assertReplaceable(path, `${flag} ${path}`);
  if (found)
    await access(path, constants.W_OK).catch(() =>
      refuse(flag, path, 'received one without permission to write', 'Name another'),
    );
  const folder = dirname(path);
  const parent = await stat(folder).catch(() => null);
  if (!parent?.isDirectory())
    refuse(flag, path, `received the missing folder ${folder}`, 'Create the folder first');
  await access(folder, constants.W_OK).catch(() =>
    refuse(flag, path, 'received a folder without permission to write', 'Use another folder'),
  );
}

/** Makes sure that a folder is there or can be made. @throws {DataError} where something else has its name */
export async function checkFolder(flag: string, path: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory()) return;
  const parent = dirname(path);
  if (found || parent === path) {
    const problem = `expected a folder, received ${found ? 'a file' : 'none that can be made'}`;
    throw new DataError(`${flag} ${path}`, problem, 'Name another');
  }
  await checkFolder(flag, parent);
}

function refuse(flag: string, path: string, received: string, remedy: string): never {
  throw new DataError(`${flag} ${path}`, `expected a file that can be written, ${received}`, remedy);
}
