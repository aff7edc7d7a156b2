import { existsSync, statSync } from 'node:fs';
import { embeddingsFromTable } from '../embed/tableVectors.ts';
import { OptionError } from '../errors.ts';
import { factorsFromNpy, factorsFromNpz, factorsFromSafetensors } from '../exchange/factors/arrays.ts';
import type { ImportedFactors } from '../exchange/factors/importedModel.ts';
import { type FactorMatrix, type FactorPair, idLines, withIds } from '../exchange/factors/matrix.ts';
import { factorsFromTorch } from '../exchange/factors/torchCheckpoint.ts';
import { factorsFromCopy, isCopyDump } from '../exchange/postgres/copyDump.ts';
import { readBytes } from '../node/files.ts';

/** Files with rows, by the flag that names them. */
export interface FactorFiles {
  /** One file with the rows of both. */
  readonly both?: string;
  readonly itemFactors?: string;
  readonly userFactors?: string;
  readonly itemIds?: string;
  readonly userIds?: string;
}

/** Readers of files that hold the rows of both, by their ending. */
const PAIRS: readonly [RegExp, (bytes: Uint8Array, name: string) => FactorPair | Promise<FactorPair>][] = [
  [/\.safetensors$/i, factorsFromSafetensors],
  [/\.npz$/i, factorsFromNpz],
  [/\.(pth|pt|ckpt)$/i, factorsFromTorch],
];

/** Whether a path is a folder that `handover` wrote. */
export function isJob(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

/** @throws {OptionError} unless one file holds both, or rows of items are named */
export function checkFactorFiles({ both, itemFactors, userFactors, itemIds, userIds }: FactorFiles): void {
  if ((both === undefined) === (itemFactors === undefined)) {
    const problem = `expected one file with the rows of both, or --item-factors, received ${both ? 'both' : 'neither'}`;
    throw new OptionError('import', problem, 'Name one of them');
  }
  if (both !== undefined && userFactors !== undefined) {
    throw new OptionError(
      '--user-factors',
      `expected --item-factors beside it, received ${both}`,
      'Leave it out',
    );
  }
  if (userIds !== undefined && both === undefined && userFactors === undefined) {
    throw new OptionError('--user-ids', 'expected --user-factors beside it, received none', 'Leave it out');
  }
  if (both !== undefined && isJob(both) && (itemIds ?? userIds) !== undefined) {
    const flag = itemIds === undefined ? '--user-ids' : '--item-ids';
    throw new OptionError(
      flag,
      `expected none beside a job, which has its own, received one`,
      'Leave it out',
    );
  }
}

/** The rows of the files with their ids. @throws as the readers and `withIds` */
export async function readFactors(files: FactorFiles): Promise<ImportedFactors> {
  const { items, users } = files.both === undefined ? await readTables(files) : await readPair(files.both);
  return {
    items: withIds(items, 'item', await readIds(files.itemIds ?? besideIds(files.itemFactors))),
    users: users && withIds(users, 'user', await readIds(files.userIds ?? besideIds(files.userFactors))),
  };
}

async function readPair(path: string): Promise<FactorPair> {
  const read = PAIRS.find(([ending]) => ending.test(path))?.[1];
  if (read) return read(await readBytes(path), path);
  const problem = `expected a folder of llminit handover, or a file .safetensors, .npz, .pth or .pt, received ${path}`;
  throw new OptionError(
    'import',
    problem,
    'Pass tables and .npy files with --item-factors and --user-factors',
  );
}

async function readTables({ itemFactors, userFactors }: FactorFiles): Promise<FactorPair> {
  return {
    items: await readMatrix(itemFactors!),
    users: userFactors === undefined ? null : await readMatrix(userFactors),
  };
}

async function readMatrix(path: string): Promise<FactorMatrix> {
  if (/\.npy$/i.test(path)) return factorsFromNpy(await readBytes(path), path);
  const bytes = await readBytes(path);
  if (isCopyDump(bytes)) return factorsFromCopy(bytes, path);
  const { ids, width, vectors } = await embeddingsFromTable(bytes, path);
  return { name: path, rows: ids.length, dim: width, values: vectors, ids };
}

/** `F.ids.txt` beside `F.npy`, as `export` writes them. */
function besideIds(path: string | undefined): string | undefined {
  const beside = path?.replace(/\.npy$/i, '.ids.txt');
  return beside !== path && existsSync(beside!) ? beside : undefined;
}

async function readIds(path: string | undefined): Promise<{ ids: readonly string[]; name: string } | null> {
  return path === undefined
    ? null
    : { ids: idLines(new TextDecoder().decode(await readBytes(path))), name: path };
}
