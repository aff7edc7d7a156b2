import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DataError } from '../index.ts';

/**
 * Makes sure, before any work is done, that a file can be written later.
 * @throws {DataError} when the path is a folder, or its folder is missing or may not be written
 */
export async function assertWritable(flag: string, path: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory()) refuse(flag, path, 'received a folder', 'Name a file in it');
  const folder = dirname(path);
  const parent = await stat(folder).catch(() => null);
  if (!parent?.isDirectory())
    refuse(flag, path, `received the missing folder ${folder}`, 'Create the folder first');
  await access(folder, constants.W_OK).catch(() =>
    refuse(flag, path, 'received a folder without permission to write', 'Use another folder'),
  );
}

function refuse(flag: string, path: string, received: string, remedy: string): never {
  throw new DataError(`${flag} ${path}`, `expected a file that can be written, ${received}`, remedy);
}
