import { createWriteStream } from 'node:fs';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DataError } from '../../index.ts';
import { withFileLock } from '../../node.ts';
import { parseEndpoint } from '../../remote/endpoint.ts';
import type { Progress } from '../progress.ts';

/** How a download behaves. */
export interface DownloadOptions {
  /** Without a byte for so long, the attempt has failed. */
  readonly timeoutSeconds: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

const ATTEMPTS = 3;

/**
 * Downloads `url` to the file at `path`, unless it is there. A partial download stays beside it as `<path>.part`; the
 * next attempt, or the next call, asks the server for the rest of the same version of the file. Several processes that
 * want the same file wait for the first.
 *
 * @throws {DataError} when the server refuses, or after three attempts that broke
 * @throws `signal.reason` when aborted
 */
export async function download(url: string, path: string, options: DownloadOptions): Promise<void> {
  if (await stat(path).catch(() => null)) return;
  const onWait = () => options.progress.line(`waiting for another download of ${path}`);
  await withFileLock(path, () => downloadOnce(url, path, options), { signal: options.signal, onWait });
}

async function downloadOnce(url: string, path: string, options: DownloadOptions): Promise<void> {
  if (await stat(path).catch(() => null)) return;
  for (let attempt = 1; ; attempt++) {
    try {
      await receive(url, `${path}.part`, options);
      break;
    } catch (error) {
      options.signal.throwIfAborted();
      if (error instanceof DataError) throw error;
      if (attempt < ATTEMPTS) continue;
      const problem = `expected the whole file, received ${(error as Error).message} at attempt ${attempt}`;
      const failure = new DataError(url, problem, 'Check the connection and run the same command again');
      failure.cause = error;
      throw failure;
    } finally {
      options.progress.end();
    }
  }
  await rename(`${path}.part`, path);
  await rm(versionFile(`${path}.part`), { force: true });
}

async function receive(
  url: string,
  part: string,
  { timeoutSeconds, progress, signal }: DownloadOptions,
): Promise<void> {
  const version = await readFile(versionFile(part), 'utf8').catch(() => null);
  // Without a name of its version a part may belong to another file by now.
  const before = version === null ? 0 : ((await stat(part).catch(() => null))?.size ?? 0);
  const idle = new AbortController();
  let timer = setTimeout(() => {}, 0);
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => idle.abort(new Error(`nothing for ${timeoutSeconds} s`)), timeoutSeconds * 1000);
  };
  wait();
  try {
    const both = AbortSignal.any([signal, idle.signal]);
    // Offsets are of the bytes as they are sent: a compressed transfer has no rest to ask for.
    const headers: Record<string, string> = { 'accept-encoding': 'identity' };
    const { url: address, basicAuthorization } = parseEndpoint(url, '');
    if (basicAuthorization) headers.authorization = basicAuthorization;
    if (version !== null && before > 0)
      Object.assign(headers, { range: `bytes=${before}-`, 'if-range': version });
    const response = await fetch(address, { headers, signal: both });
    // 416: the part is the whole file already, or longer than it.
    if (response.status === 416 && before > 0) {
      if (response.headers.get('content-range')?.endsWith(`/${before}`)) return;
      await rm(part, { force: true });
      throw new Error('a rest of another length');
    }
    if (!response.ok || !response.body) {
      const problem = `expected status 200, received ${response.status} ${response.statusText}`.trim();
      throw new DataError(url, problem, 'Check the category and --base-url');
    }
    const resumed = response.status === 206;
    const now = response.headers.get('etag') ?? response.headers.get('last-modified');
    if (!resumed && now !== null && !now.startsWith('W/')) await writeFile(versionFile(part), now);
    else if (!resumed) await rm(versionFile(part), { force: true });
    let done = resumed ? before : 0;
    const length = Number(response.headers.get('content-length') ?? 0);
    const total = length > 0 ? done + length : 0;
    const count = new Transform({
      transform(chunk: Uint8Array, _encoding, callback) {
        wait();
        done += chunk.length;
        if (total > 0) progress.step(url.split('/').pop()!, done, total);
        callback(null, chunk);
      },
    });
    const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
    await pipeline(body, count, createWriteStream(part, { flags: resumed ? 'a' : 'w' }), { signal: both });
    if (total > 0 && done < total) throw new Error(`${done} of ${total} bytes`);
  } finally {
    clearTimeout(timer);
  }
}

/** Holds the ETag or the date of the file that a part is of. */
function versionFile(part: string): string {
  return `${part}.version`;
}
