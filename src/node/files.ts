import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DataError, OptionError, shown } from '../errors.ts';
import { ARRAY, BYTES, checkArgument } from '../options/arguments.ts';
import { SIGNAL } from '../options/kinds.ts';
import { resolveOptions } from '../options/resolve.ts';

/** Bytes that are written at a time, between which writing may be aborted. */
const PIECE = 2 ** 24;

/**
 * Writes `bytes` to `file`, a path or a `file:` URL, so that the file is there in full or not at all: a temporary file in the same
 * folder, flushed to the disk, then renamed over `path`. An existing file is replaced, with its permissions; a failure leaves it
 * as it was and removes the temporary one.
 *
 * @param bytes of the file, or pieces of them that follow one another
 * @throws {OptionError} for a URL of another kind
 * @throws {DataError} when the folder is missing, `file` is a folder, a device or a pipe, permission or space is lacking
 * @throws `signal.reason` when aborted before the file is there: what was at the path stays
 * @example
 * await writeAtomic('model.safetensors', encodeModel(model));
 */
export async function writeAtomic(
  file: string | URL,
  bytes: Uint8Array | readonly Uint8Array[],
  options: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  const path = pathOf('writeAtomic', file);
  const isList = ARRAY.is(bytes) && bytes.length > 0;
  const pieces = isList ? (bytes as readonly Uint8Array[]) : [bytes as Uint8Array];
  const { signal } = resolveOptions({ signal: SIGNAL }, options, 'writeAtomic');
  // Loaded where it is needed: it takes longer to load than a model to answer.
  const { randomBytes } = await import('node:crypto');
  for (const piece of pieces) checkArgument(BYTES, piece, 'bytes', 'writeAtomic');
  await assertReplaceable(path, path);
  const before = await stat(path).catch(() => null);
  // Short, for a name may be as long as the file system allows.
  const name = `.${basename(path).slice(0, 32)}.${randomBytes(6).toString('hex')}.tmp`;
  const temporary = join(dirname(path), name);
  try {
    const handle = await open(temporary, 'wx', before ? before.mode & 0o777 : 0o666);
    try {
      // A file that nobody else may read stays so; file systems without permissions refuse.
      if (before) await handle.chmod(before.mode & 0o777).catch(() => {});
      for (const piece of pieces)
        for (let at = 0; at < piece.length; at += PIECE) {
          signal?.throwIfAborted();
          await handle.writeFile(piece.subarray(at, at + PIECE));
        }
      await handle.sync();
    } finally {
      await handle.close();
    }
    signal?.throwIfAborted();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    if (signal?.aborted) throw signal.reason;
    throw fileError(error, path, 'a file that can be written');
  }
  await syncFolder(dirname(path));
}

/**
 * What is renamed over a device, a pipe or a name of an open file (`/dev/stdout`) takes its place and reaches nobody.
 *
 * @param where names the path in the error
 * @throws {DataError} where a path is none of a plain file
 */
export async function assertReplaceable(path: string, where: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  const folder = await realpath(dirname(resolve(path))).catch(() => '');
  const isOpenFile = /^\/(dev|dev\/fd|proc\/.*)$/.test(folder);
  if (!isOpenFile && (found === null || found.isFile() || found.isDirectory())) return;
  const problem = 'expected a file that can be written, received a device or a pipe';
  throw new DataError(where, problem, 'Name a plain file');
}

/** One name for a file, whatever path leads to it: its number on its device, or where it would be. */
export async function fileIdentity(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => null);
  return found ? `${found.dev}:${found.ino}` : resolvedPath(path);
}

/** A path with the links in it resolved, as far as it is there: two that lead to one file get one name. */
export async function resolvedPath(path: string): Promise<string> {
  const found = await realpath(path).catch(() => null);
  if (found !== null) return found;
  const folder = dirname(path);
  return folder === path ? path : join(await resolvedPath(folder), basename(path));
}

/**
 * The bytes of a file, by its path or `file:` URL, in chunks as they are read.
 *
 * @throws {OptionError} a URL of another kind
 * @throws {DataError} on the first chunk: a missing file, a folder, no permission
 * @example
 * const { interactions } = await readInteractions(openSource('ratings.csv.gz'), { name: 'ratings.csv.gz' });
 */
export async function* openSource(file: string | URL): AsyncGenerator<Uint8Array, void, undefined> {
  const path = pathOf('openSource', file);
  const { createReadStream } = await import('node:fs');
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) yield chunk as Uint8Array;
  } catch (error) {
    throw fileError(error, path, 'a file that can be read');
  }
}

/**
 * All bytes of a file, by its path or `file:` URL.
 *
 * @throws {OptionError} a URL of another kind
 * @throws {DataError} a missing file, a folder, no permission
 * @throws `signal.reason` when aborted
 * @example
 * const recommender = await Recommender.open(await readBytes('model.safetensors'));
 */
export async function readBytes(
  file: string | URL,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Uint8Array> {
  const path = pathOf('readBytes', file);
  const { signal } = resolveOptions({ signal: SIGNAL }, options, 'readBytes');
  try {
    const { buffer, byteOffset, byteLength } = await readFile(path, { signal });
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw fileError(error, path, 'a file that can be read');
  }
}

/**
 * A path as the system writes it: a URL escapes spaces and letters beyond ASCII.
 *
 * @throws {OptionError} for a URL that is no file, and for another type
 */
export function pathOf(where: string, file: string | URL): string {
  if (typeof file === 'string') return file;
  if (file instanceof URL && file.protocol === 'file:') return fileURLToPath(file);
  throw new OptionError(
    where,
    `expected a path or a file: URL, received ${shown(file instanceof URL ? file.href : file)}`,
    'Pass one of these',
  );
}

/** Makes the rename survive a power cut, where the system can open folders (Windows cannot). */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  // A folder that may be written but not read cannot be opened; the file is there all the same.
  const handle = await open(folder, 'r').catch(() => null);
  try {
    await handle?.sync();
  } finally {
    await handle?.close();
  }
}

/** A `DataError` for a file system error; any other error unchanged. */
export function fileError(error: unknown, path: string, expected: string): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  if (!('syscall' in error) && !Object.hasOwn(PROBLEMS, String(error.code))) return error;
  const known = PROBLEMS[String(error.code)] ?? [`received ${error.message}`, 'Check the path and the disk'];
  const failure = new DataError(path, `expected ${expected}, ${known[0]}`, known[1]);
  failure.cause = error;
  return failure;
}

const PROBLEMS: Readonly<Record<string, readonly [received: string, remedy: string]>> = {
  ENOENT: ['received a path that does not exist', 'Check the spelling, and that the folder is there'],
  ENOTDIR: ['received a path through something that is no folder', 'Check the spelling'],
  ENAMETOOLONG: ['received a name that is too long', 'Shorten it'],
  ELOOP: ['received a link that leads to itself', 'Remove it'],
  ERR_INVALID_ARG_VALUE: ['received a path with the character U+0000', 'Check the spelling'],
  EISDIR: ['received a folder', 'Name a file'],
  EACCES: ['received one without permission', 'Change its permissions or use another path'],
  EPERM: ['received one without permission', 'Change its permissions or use another path'],
  ENOSPC: ['received a full disk', 'Free some space and try again'],
  EDQUOT: ['received a full quota', 'Free some space and try again'],
  ERR_FS_FILE_TOO_LARGE: ['received one of more than 2 GiB', 'Split it'],
  EFBIG: ['received a limit on the size of files', 'Raise it (ulimit -f), or write to another disk'],
};
