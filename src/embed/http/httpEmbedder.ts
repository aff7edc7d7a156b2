import { OptionError, ShapeError, shown } from '../../errors.ts';
import { optionsObject, resolveOptions } from '../../options/resolve.ts';
import { connectionOf } from '../../remote/connection.ts';
import { keyFor, parseEndpoint } from '../../remote/endpoint.ts';
import { type BatchOptions, embedInBatches } from '../batches.ts';
import type { EmbedderDescriptor } from '../descriptor.ts';
import type { Embedder } from '../embedder.ts';
import type { Embeddings } from '../embeddings.ts';
import { presetOf } from '../transformers/presets.ts';
import { HTTP_OPTIONS, type HttpEmbedderOptions } from './options.ts';
import { Service } from './service.ts';

/**
 * Endpoint, model and batches of `embedOverHttp`.
 *
 * @example
 * const options: EmbedOverHttpOptions = {
 *   url: 'https://api.openai.com/v1',
 *   model: 'text-embedding-3-small',
 *   apiKey: 'sk-…',
 *   ids: itemIds,
 * };
 */
export interface EmbedOverHttpOptions extends HttpEmbedderOptions, BatchOptions {}

/** Texts of a request at most: OpenAI takes 2,048; a service that takes fewer gets fewer once it says so. */
const BATCH_SIZE = 128;
/** Tokens of a request at most, as estimated: OpenAI takes 300,000 in all. */
const BATCH_TOKENS = 100_000;

/** What follows the address. */
const OPERATION = '/embeddings';

/** An endpoint with OpenAI's interface. */
export const http: EmbedderDescriptor = {
  name: 'http',
  written: 'https://host/v1',
  settings: ['encoder', 'dimensions', 'prefix'],
  reads: 'text',
  cacheable: true,
  weight: 0.5,
  matches: (what) => /^https?:\/\//i.test(what),
  check(what, { encoder }) {
    const { shown: where } = parseEndpoint(what, OPERATION);
    if (encoder !== undefined) return;
    const problem = 'expected the name of a model, received none';
    throw new OptionError(where, problem, 'Name it in encoder', 'encoder');
  },
  create: async (url, { encoder, dimensions, prefix }, { environment = {} }) =>
    httpEmbedder({ url, model: encoder!, dimensions, prefix, apiKey: keyFor(url, environment) }),
};

/**
 * The embeddings of `texts` from an endpoint with OpenAI's interface (OpenAI, Ollama, vLLM, text-embeddings-inference,
 * Workers AI …): `POST {url}/embeddings` with `model` and `input`, several requests at a time. Requests that fail and
 * may succeed later are sent again, after as long as the service asks to wait; a batch that is too large for it is
 * halved. With a cache, a second call goes on where one failed.
 *
 * Source: OpenAI API reference, "Create embeddings".
 *
 * @throws {OptionError} an option out of range; a key that no header takes
 * @throws {DataError} an endpoint that cannot be reached, answers with another status than 2xx, too late or too much,
 *   or redirects to another origin; as `embedInBatches`
 * @throws {FormatError} an answer that is not of the described form
 * @throws {ShapeError} another number of vectors than of texts, vectors of another width than asked for
 * @example
 * const embeddings = await embedOverHttp(['Oak chair', 'Green tea'], {
 *   url: 'http://localhost:11434/v1',
 *   model: 'nomic-embed-text',
 *   ids: ['p1', 'p2'],
 * });
 */
export async function embedOverHttp(
  texts: readonly string[],
  options: EmbedOverHttpOptions,
): Promise<Embeddings> {
  optionsObject(options, { where: 'embedOverHttp' });
  const { ids, batchSize, cache, onProgress, signal, ...rest } = options ?? {};
  return embedInBatches(texts, httpEmbedder(rest), { ids, batchSize, cache, onProgress, signal });
}

/**
 * An embedder that asks an endpoint with OpenAI's interface, see `embedOverHttp`. @throws as it does for options
 *
 * @example
 * const embedder = httpEmbedder({ url: 'http://localhost:11434/v1', model: 'nomic-embed-text' });
 * const data = await trainingData({ interactions, catalogue, embedder });
 */
export function httpEmbedder(options: HttpEmbedderOptions): Embedder {
  const resolved = resolveOptions(HTTP_OPTIONS, options, 'httpEmbedder');
  const { url, model, dimensions, concurrency, maxWaitMs, retries } = resolved;
  const { prefix = presetOf(model)?.prefix ?? '' } = resolved;
  const endpoint = parseEndpoint(url, OPERATION);
  const service = new Service(connectionOf(endpoint, resolved, 'httpEmbedder'), { retries, maxWaitMs });
  const isOpenAi = endpoint.url.host === 'api.openai.com';
  const { encodingFormat = isOpenAi ? 'base64' : 'float' } = resolved;
  const cut = dimensions === undefined ? '' : `, ${dimensions} dimensions`;
  const id = `${endpoint.shown}, ${model}${cut}${prefix === '' ? '' : `, prefix ${shown(prefix)}`}`;
  return {
    ...{ id, width: dimensions, batchSize: BATCH_SIZE, batchTokens: BATCH_TOKENS, concurrency },
    get counts() {
      return service.counts;
    },
    async embed(texts, { signal } = {}) {
      const request = (input: readonly string[]) => ({
        ...{ model, input: input.map((text) => prefix + text), encoding_format: encodingFormat },
        ...(dimensions !== undefined && { dimensions }),
      });
      const rows = await service.embed(texts, request, signal);
      const other = rows.find((row) => row.length !== (dimensions ?? row.length));
      if (!other) return rows;
      const problem = `expected ${dimensions} dimensions as asked for, received ${other.length}`;
      throw new ShapeError(id, problem, 'Leave dimensions out: this service or model does not cut vectors');
    },
  };
}
