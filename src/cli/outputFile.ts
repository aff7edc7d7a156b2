import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DataError, OptionError } from '../index.ts';

/**
 * Makes sure, before any work is done, that a file can be written later.
 * @throws {DataError} when the path is a folder, or its folder is missing or may not be written
 */
export async function assertWritable(flag: string, path: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory()) refuse(flag, path, 'received a folder', 'Name a file in it');
  if (found && !found.isFile()) refuse(flag, path, 'received a device or a pipe', 'Name a plain file');
  const folder = dirname(path);
  const parent = await stat(folder).catch(() => null);
  if (!parent?.isDirectory())
    refuse(flag, path, `received the missing folder ${folder}`, 'Create the folder first');
  await access(folder, constants.W_OK).catch(() =>
    refuse(flag, path, 'received a folder without permission to write', 'Use another folder'),
  );
}

/**
 * Makes sure that no output goes to an input or to another output.
 * @param outputs and inputs: paths by flag; absent ones are passed over
 * @throws {OptionError} naming the two flags
 */
export async function assertDistinct(
  outputs: Readonly<Record<string, string | undefined>>,
  inputs: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const taken = new Map<string, string>();
  for (const [kind, paths] of Object.entries({ inputs, outputs })) {
    for (const [flag, path] of Object.entries(paths)) {
      if (path === undefined) continue;
      const file = await resolved(path);
      const other = taken.get(file);
      if (other !== undefined && kind === 'outputs') {
        throw new OptionError(
          flag,
          `expected a file of its own, received ${path}, which is ${other} too`,
          'Name another',
        );
      }
      taken.set(file, flag);
    }
  }
}

/** One name for a file, whether it is there or not. */
async function resolved(path: string): Promise<string> {
  const folder = await realpath(dirname(path)).catch(() => dirname(path));
  return realpath(path).catch(() => join(folder, basename(path)));
}

function refuse(flag: string, path: string, received: string, remedy: string): never {
  throw new DataError(`${flag} ${path}`, `expected a file that can be written, ${received}`, remedy);
}
