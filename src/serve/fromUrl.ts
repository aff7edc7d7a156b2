import { DataError, FormatError, OptionError, shown, withoutSecrets } from '../errors.ts';
import { FUNCTION, having } from '../options/arguments.ts';
import { callback, instance } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';
import { SIGNAL } from '../options/kinds.ts';
import { load, type Runtime } from '../runtime/loadServing.ts';
import { isAddress } from './address.ts';
import { ImageWriter } from './imageWriter.ts';
import type { ModelImage } from './modelImage.ts';
import { OPEN_OPTIONS, type OpenOptions } from './openOptions.ts';

/**
 * Where fetched models are kept: a `Cache` of the host, or what has its two methods.
 *
 * @example
 * const cache: ModelCache = await caches.open('models');
 * const recommender = await Recommender.fromUrl('https://shop.example/model.safetensors', { cache });
 */
export interface ModelCache {
  match(url: string): Promise<Response | undefined>;
  put(url: string, response: Response): Promise<void>;
}

/**
 * How a model is fetched.
 *
 * @example
 * const options: FetchOptions = { onProgress: ({ done, total }) => console.log(done, total) };
 * const recommender = await Recommender.fromUrl('https://shop.example/model.safetensors', options);
 */
export interface FetchOptions {
  /** Called as bytes arrive; `total` is null until the file's header has said it. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number | null }) => void;
  /** Asked first, and given what was fetched: `await caches.open('models')`. Default: none but that of `fetch`. */
  readonly cache?: ModelCache;
  /** Gives the download up; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly runtime?: Runtime;
  /** Default: that of the host. */
  readonly fetch?: (url: string, init: { signal?: AbortSignal }) => Promise<Response>;
}

/** Bytes that are read at a time. */
const PIECE_BYTES = 2 ** 18;

const CACHE = having<ModelCache>('a Cache { match, put }', { match: FUNCTION, put: FUNCTION });

/** Every option of `Recommender.fromUrl`. */
export const FETCH_OPTIONS: DescriptorsOf<FetchOptions & Pick<OpenOptions, 'index' | 'sequences'>> = {
  onProgress: callback('called as bytes arrive'),
  cache: instance(CACHE.range, CACHE.is, { about: 'asked first' }),
  signal: SIGNAL,
  fetch: callback('fetches'),
  ...{ runtime: OPEN_OPTIONS.runtime, index: OPEN_OPTIONS.index, sequences: OPEN_OPTIONS.sequences },
};

/**
 * A model file as it comes over the network, piece by piece into the place where it is used: it is never in memory twice.
 * @throws {FormatError} when the answer has another status than 200, or is no intact model file
 * @throws {DataError} when there is no answer
 */
export async function fetchImage(url: string | URL, options: FetchOptions): Promise<ModelImage> {
  const address = String(url);
  const { onProgress, cache, signal } = options;
  const runtime = options.runtime ?? (await load());
  const writer = new ImageWriter(runtime, shownUrl(address));
  try {
    await eachPiece(await answer(address, options), (piece) => {
      signal?.throwIfAborted();
      writer.push(piece);
      onProgress?.(writer.progress);
    });
    return writer.finish();
  } catch (error) {
    writer.abort();
    // What is kept may be what is broken.
    await (cache as Partial<Cache> | undefined)?.delete?.(address);
    throw error;
  }
}

/** The bytes, by way of the cache where there is one: a copy beside it would wait in memory for the one to be kept. */
async function answer(address: string, options: FetchOptions): Promise<ReadableStream<Uint8Array>> {
  const { cache } = options;
  if (!cache) return bodyOf(address, await asked(address, options));
  const kept = await cache.match(address);
  if (kept) return bodyOf(address, kept);
  const response = await asked(address, options);
  bodyOf(address, response);
  await cache.put(address, response);
  return bodyOf(address, (await cache.match(address)) ?? (await asked(address, options)));
}

async function asked(address: string, options: FetchOptions): Promise<Response> {
  const { signal } = options;
  const ask = options.fetch ?? globalThis.fetch;
  if (typeof ask !== 'function')
    throw new OptionError(
      'Recommender.fromUrl',
      'expected a host with fetch, found none',
      'Pass { fetch }',
      'fetch',
    );
  return ask(address, { signal }).catch((error) => unreachable(address, error));
}

/** @throws {FormatError} for an answer that is no file */
function bodyOf(address: string, response: Response): ReadableStream<Uint8Array> {
  if (response.status !== 200 || !response.body) {
    const type = response.headers.get('content-type') ?? 'no content type';
    const problem = `expected status 200, received ${response.status} ${response.statusText} with ${type}`;
    throw new FormatError(shownUrl(address), problem, 'Look at the address, and at what the server says');
  }
  return response.body;
}

/**
 * The pieces of a stream, each valid until the next. A stream of bytes, as a network gives it, fills one buffer again and again:
 * nothing waits for the garbage collector, and a Worker that fetches 56 MB takes 1.1 times as much at its peak instead of 1.4.
 */
async function eachPiece(
  stream: ReadableStream<Uint8Array>,
  visit: (piece: Uint8Array) => void,
): Promise<void> {
  const own = ownBufferReader(stream);
  if (!own) {
    const reader = stream.getReader();
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) visit(piece.value);
    return;
  }
  let buffer = new ArrayBuffer(PIECE_BYTES);
  for (;;) {
    const { done, value } = await own.read(new Uint8Array(buffer));
    if (done || !value) return;
    visit(value);
    buffer = value.buffer as ArrayBuffer;
  }
}

/** A reader into buffers of ours; null for a stream of something else, and where hosts have none. */
function ownBufferReader(stream: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | null {
  try {
    return stream.getReader({ mode: 'byob' });
  } catch {
    return null;
  }
}

/** The host's `fetch` says so by a TypeError; a `fetch` of the caller's own may say anything. */
function unreachable(address: string, error: unknown): never {
  if (!(error instanceof TypeError)) throw error;
  const problem = `expected an answer, received ${shown(error.message)}`;
  const failure = new DataError(shownUrl(address), problem, 'Check the address and the connection');
  // Engines name the address in full, password included.
  if (withoutSecrets(error.message) === error.message) failure.cause = error;
  throw failure;
}

/** Without what may be a secret. */
function shownUrl(address: string): string {
  return address.replace(/[?#].*$/, '').replace(/\/\/[^/@]*@/, '//');
}

/** Downloads under way, by address: callers that come together share one. */
const underWay = new Map<string, Promise<unknown>>();

/** What `make` gives, or what it is giving for the same key at the moment. */
export function shared<T>(key: string, make: () => Promise<T>): Promise<T> {
  const known = underWay.get(key) as Promise<T> | undefined;
  if (known) return known;
  const made = make().finally(() => underWay.delete(key));
  underWay.set(key, made);
  return made;
}

/**
 * The address as a text. What a `fetch` of the caller's own takes is the caller's matter, as long as it is a text.
 * @throws {OptionError} for what is no address
 */
export function checkedUrl(url: unknown, ownFetch: boolean): string {
  const text = Object.prototype.toString.call(url) === '[object URL]' ? String(url) : url;
  if (typeof text === 'string' && (ownFetch ? text.trim() !== '' : isAddress(text))) return text;
  throw new OptionError('Recommender.fromUrl', `expected an address, received ${shown(url)}`, 'Pass a URL');
}
