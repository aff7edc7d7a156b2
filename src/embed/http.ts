import { DataError, FormatError, OptionError, ShapeError, shown } from '../errors.ts';
import { type BatchOptions, embedInBatches } from './batches.ts';
import type { EmbedderDescriptor } from './descriptor.ts';
import type { Embedder } from './embedder.ts';
import type { Embeddings } from './embeddings.ts';

/** Endpoint, model and batches of `embedOverHttp`. */
export interface EmbedOverHttpOptions extends BatchOptions {
  /** The address up to, without, `/embeddings`, e.g. `https://api.openai.com/v1`. */
  readonly url: string;
  readonly model: string;
  /** Sent as `Authorization: Bearer …`; never part of an error or a cache key. */
  readonly apiKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The embeddings of `texts` from an endpoint with OpenAI's interface: `POST {url}/embeddings` with `model` and
 * `input`, one request per batch, no retries. With a cache, a second call goes on where one failed.
 *
 * Source: OpenAI API reference, "Create embeddings".
 *
 * @throws {DataError} an endpoint that cannot be reached or answers with another status than 2xx; no text, a
 *   blank text, repeated ids, vectors that are not finite
 * @throws {FormatError} an answer that is not of the described form
 * @throws {ShapeError} another number of vectors than of texts, vectors of unequal width
 */
export async function embedOverHttp(
  texts: readonly string[],
  options: EmbedOverHttpOptions,
): Promise<Embeddings> {
  return embedInBatches(texts, httpEmbedder(options), options);
}

/** An endpoint with OpenAI's interface. */
export const http: EmbedderDescriptor = {
  name: 'http',
  written: 'https://host/v1',
  settings: ['encoder'],
  readsTexts: true,
  cacheable: true,
  weight: 0.5,
  matches: (what) => /^https?:\/\//i.test(what),
  check(what, { encoder }) {
    if (encoder !== undefined) return;
    throw new OptionError(
      what,
      'expected the name of a model, received none',
      'Name it in encoder',
      'encoder',
    );
  },
  create: async (url, { encoder }) => httpEmbedder({ url, model: encoder! }),
};

/** An embedder that asks an endpoint with OpenAI's interface, see `embedOverHttp`. */
export function httpEmbedder(options: Omit<EmbedOverHttpOptions, keyof BatchOptions>): Embedder {
  const { model } = options;
  const endpoint = `${options.url.replace(/\/+$/, '')}/embeddings`;
  return {
    id: `${endpoint}, ${model}`,
    async embed(texts, { signal } = {}) {
      const answer = await post(endpoint, { model, input: texts, encoding_format: 'float' }, options, signal);
      return readVectors(answer, texts.length, endpoint);
    },
  };
}

async function post(
  endpoint: string,
  body: unknown,
  { apiKey, headers }: Pick<EmbedOverHttpOptions, 'apiKey' | 'headers'>,
  signal: AbortSignal | undefined,
): Promise<string> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
        ...headers,
      },
      body: JSON.stringify(body),
      signal,
    });
    text = await response.text();
  } catch (error) {
    signal?.throwIfAborted();
    const failure = new DataError(
      endpoint,
      `expected an answer, received: ${(error as Error).message}`,
      'Check the address and the connection',
    );
    failure.cause = error;
    throw failure;
  }
  if (!response.ok) {
    throw new DataError(
      endpoint,
      `expected status 200, received ${response.status} ${response.statusText}: ${shown(text)}`,
      response.status === 401 || response.status === 403
        ? 'Check the API key'
        : 'Check the address, the model name and the limits of the service',
    );
  }
  return text;
}

function readVectors(text: string, count: number, endpoint: string): Float32Array[] {
  const entries = parseEntries(text, endpoint);
  if (entries.length !== count) {
    throw new ShapeError(
      endpoint,
      `expected ${count} vectors, received ${entries.length}`,
      'Try a smaller batchSize, or another service',
    );
  }
  const rows: (Float32Array | undefined)[] = new Array(count).fill(undefined);
  entries.forEach(({ index, embedding }, position) => {
    const row = index ?? position;
    const isVector =
      Array.isArray(embedding) && embedding.length > 0 && embedding.every((x) => typeof x === 'number');
    if (!isVector || !(row in rows) || rows[row]) {
      throw new FormatError(
        endpoint,
        `expected entries with an index of 0 to ${count - 1}, each once, and an embedding of numbers, received index ${shown(index)} and ${shown(embedding)}`,
        'Check that the service has the interface of OpenAI',
      );
    }
    rows[row] = Float32Array.from(embedding as number[]);
  });
  return rows as Float32Array[];
}

function parseEntries(text: string, endpoint: string): { index?: number; embedding?: unknown }[] {
  try {
    const { data } = JSON.parse(text);
    if (Array.isArray(data) && data.every((entry) => entry !== null && typeof entry === 'object'))
      return data;
  } catch {
    // Falls through to the same error: text that is no JSON is as wrong as JSON of another form.
  }
  throw new FormatError(
    endpoint,
    `expected JSON with a list called data, received ${shown(text)}`,
    'Check that the service has the interface of OpenAI',
  );
}
