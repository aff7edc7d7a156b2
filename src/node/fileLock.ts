import { link, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { DataError, shown } from '../errors.ts';
import { checkArgument, FUNCTION, TEXT } from '../options/arguments.ts';
import { callback } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';
import { SIGNAL } from '../options/kinds.ts';
import { resolveOptions } from '../options/resolve.ts';
import { fileError, resolvedPath } from './files.ts';

/**
 * How a lock is waited for.
 *
 * @example
 * const options: FileLockOptions = { signal: AbortSignal.timeout(60_000), onWait: () => console.log('waiting') };
 */
export interface FileLockOptions {
  readonly signal?: AbortSignal;
  /** Called once when somebody else has the lock. */
  readonly onWait?: () => void;
}

const OPTIONS = {
  signal: SIGNAL,
  onWait: callback<() => void>('called once when somebody else has the lock'),
} satisfies DescriptorsOf<FileLockOptions>;

const POLL_MS = 100;
/** A lock whose owner cannot be asked (another host) counts as left behind after so long without a write. */
const FOREIGN_STALE_MS = 10 * 60_000;

/**
 * Runs `job` while this process alone holds `<path>.lock`, so that programs which read, change and write one file do so
 * one after the other, also where they reach it by links. A lock whose process has ended is taken over.
 *
 * @throws {DataError} when the folder of the lock cannot be written, or what has its name is no lock
 * @throws `signal.reason` when aborted while waiting, and as `job`
 * @example
 * import { rm } from 'node:fs/promises';
 *
 * const answer = await withFileLock('/tmp/llminit-example.lock', async () => 42);
 * answer; // → 42
 * await rm('/tmp/llminit-example.lock', { force: true });
 */
export async function withFileLock<T>(
  path: string,
  job: () => Promise<T>,
  options: FileLockOptions = {},
): Promise<T> {
  checkArgument(TEXT, path, 'path', 'withFileLock');
  checkArgument(FUNCTION, job, 'job', 'withFileLock');
  const { signal, onWait } = resolveOptions(OPTIONS, options, 'withFileLock');
  const lock = `${await resolvedPath(path)}.lock`;
  for (let attempt = 0; !(await taken(lock)); attempt++) {
    if (attempt === 0) onWait?.();
    await removeIfLeft(lock);
    await delay(POLL_MS, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
  try {
    return await job();
  } finally {
    await rm(lock, { force: true });
  }
}

/** Creates the lock with the name of its owner; false where there is one. */
async function taken(lock: string): Promise<boolean> {
  try {
    const handle = await open(lock, 'wx');
    // Where the disk has no room for the name, the lock must not stay behind without one.
    await handle
      .writeFile(`${process.pid}@${hostname()}\n`)
      .catch((error) => rm(lock, { force: true }).then(() => Promise.reject(error)))
      .finally(() => handle.close());
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw fileError(error, lock, 'a lock file that can be written');
  }
}

async function removeIfLeft(lock: string): Promise<void> {
  const owner = await readFile(lock, 'utf8').catch(() => null);
  const age = await stat(lock).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  );
  if (owner === null) return;
  if (!/^(\d+@[^\n]*\n?)?$/.test(owner)) {
    const problem = `expected a lock file of this package or none, received ${shown(owner.slice(0, 40))}`;
    throw new DataError(lock, problem, 'Name another file, or move this one away');
  }
  const [pid, host] = owner.trim().split('@');
  // The owner writes its name right after it has made the file.
  const left = host === hostname() ? !runs(Number(pid)) : age > (owner === '' ? 5_000 : FOREIGN_STALE_MS);
  if (!left) return;
  // Others may be doing the same: what is moved away must be what was read, else it goes back.
  const aside = `${lock}.${process.pid}`;
  await rename(lock, aside).catch(() => {});
  const moved = await readFile(aside, 'utf8').catch(() => null);
  if (moved !== null && moved !== owner) await link(aside, lock).catch(() => {});
  await rm(aside, { force: true });
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
