import { DataError, shown, UnsupportedError } from '../../errors.ts';
import { joinedBytes } from '../../format/joinedBytes.ts';
import { askedWait, backoff, isPassing, sleep } from '../../remote/retry.ts';

/** How images are read. */
export interface ImageReading {
  /** The bytes of a file by its path, in pieces; without it, paths are refused. */
  readonly openFile?: (path: string) => AsyncIterable<Uint8Array>;
  /** Put before paths that are not absolute. */
  readonly folder?: string;
  /** Of one image. */
  readonly maxBytes: number;
  /** Of one answer of a server. */
  readonly timeoutMs: number;
  /** Attempts after the first, of what a server may answer later. */
  readonly retries: number;
}

const DATA = /^data:([^,]*),/i;
const ADDRESS = /^(https?|blob):/i;

/** Whether a reference is a path; other ones are addresses, or hold the image themselves. */
export function isPath(reference: string): boolean {
  return !DATA.test(reference) && !ADDRESS.test(reference);
}

/**
 * The bytes of the image of an item.
 * @param where names the item in messages
 * @throws {DataError} what cannot be read, is too large or answers too late
 * @throws {UnsupportedError} a path where no files can be read
 */
export async function readImage(
  reference: string,
  where: string,
  reading: ImageReading,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const header = DATA.exec(reference);
  if (header)
    return checkLength(decodeData(reference.slice(header[0].length), header[1], where), where, reading);
  if (ADDRESS.test(reference)) return download(reference, where, reading, signal);
  return readFile(reference, where, reading);
}

async function readFile(path: string, where: string, reading: ImageReading): Promise<Uint8Array> {
  const { openFile, folder } = reading;
  if (!openFile) {
    const problem = `expected an address (https:, data:, blob:), received the path ${shown(path)}`;
    throw new UnsupportedError(where, problem, 'Pass openFile, which reads files');
  }
  try {
    return await collect(openFile(absolute(path, folder)), where, reading);
  } catch (error) {
    throw error instanceof DataError && !error.message.startsWith(where) ? named(error, where) : error;
  }
}

/** A path below the folder, unless it is absolute on some system. */
function absolute(path: string, folder: string | undefined): string {
  if (folder === undefined || folder === '' || /^([/\\]|[a-z]:|file:)/i.test(path)) return path;
  return /[/\\]$/.test(folder) ? folder + path : `${folder}/${path}`;
}

/** An error of reading with the item in front. */
function named(error: DataError, where: string): DataError {
  const problem = error.message.slice(0, -error.remedy.length).replace(/\. ?$/, '');
  const failure = new DataError(where, problem, error.remedy);
  failure.cause = error;
  return failure;
}

async function collect(
  pieces: AsyncIterable<Uint8Array>,
  where: string,
  reading: ImageReading,
): Promise<Uint8Array> {
  const held: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    length += piece.length;
    if (length > reading.maxBytes) throw tooLarge(where, 'more', reading);
    held.push(piece);
  }
  return joinedBytes(held);
}

/** Tries again what may be there later, within the same limits. */
async function download(
  url: string,
  where: string,
  reading: ImageReading,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  for (let attempt = 0; ; attempt++) {
    const answer = await get(url, where, reading, signal);
    if ('bytes' in answer) return answer.bytes;
    const { problem, wait } = answer;
    if (wait === null || attempt >= reading.retries)
      throw new DataError(where, `expected an image at ${shown(url)}, received ${problem}`, REMEDY);
    await sleep(Math.min(wait ?? backoff(attempt), LONGEST_WAIT_MS), signal);
  }
}

const REMEDY = 'Correct its address, or leave the image out';
const LONGEST_WAIT_MS = 30_000;

/** One request: the bytes, or what went wrong and how long to wait; no wait where it will go wrong again. */
async function get(
  url: string,
  where: string,
  reading: ImageReading,
  signal: AbortSignal | undefined,
): Promise<{ bytes: Uint8Array } | { problem: string; wait: number | null | undefined }> {
  const limit = AbortSignal.timeout(reading.timeoutMs);
  try {
    const response = await fetch(url, { signal: signal ? AbortSignal.any([signal, limit]) : limit });
    if (!response.ok) {
      await response.body?.cancel();
      const wait = isPassing(response.status, '')
        ? (askedWait(response.headers, Date.now()) ?? undefined)
        : null;
      return { problem: `status ${response.status}`, wait };
    }
    if (Number(response.headers.get('content-length')) > reading.maxBytes) {
      await response.body?.cancel();
      throw tooLarge(where, `${response.headers.get('content-length')}`, reading);
    }
    return {
      bytes: response.body ? await collect(pieces(response.body), where, reading) : new Uint8Array(0),
    };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof DataError) throw error;
    if (limit.aborted) return { problem: `no whole answer within ${reading.timeoutMs} ms`, wait: undefined };
    const { message, cause } = error as Error;
    return { problem: cause instanceof Error && cause.message ? cause.message : message, wait: undefined };
  }
}

/** Safari's streams are not iterable. */
async function* pieces(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel();
  }
}

function decodeData(body: string, header: string, where: string): Uint8Array {
  try {
    if (!/;base64$/i.test(header.trim())) return new TextEncoder().encode(decodeURIComponent(body));
    return Uint8Array.from(atob(decodeURIComponent(body)), (char) => char.charCodeAt(0));
  } catch {
    const problem = `expected an image in base64, received ${shown(body)}`;
    throw new DataError(where, problem, 'Write it again');
  }
}

function checkLength(bytes: Uint8Array, where: string, reading: ImageReading): Uint8Array {
  if (bytes.length > reading.maxBytes) throw tooLarge(where, `${bytes.length}`, reading);
  return bytes;
}

function tooLarge(where: string, received: string, { maxBytes }: ImageReading): DataError {
  const problem = `expected an image of at most ${maxBytes} bytes, received ${received}`;
  return new DataError(where, problem, 'Make it smaller, or pass a larger maxBytes');
}
