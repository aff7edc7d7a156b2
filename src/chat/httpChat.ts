import { integer, number, oneOf, required } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';
import { resolveOptions } from '../options/resolve.ts';
import { Caller, isSuccess } from '../remote/caller.ts';
import { connectionOf } from '../remote/connection.ts';
import { parseEndpoint } from '../remote/endpoint.ts';
import { MODEL_NAME, REMOTE_OPTIONS, type RemoteOptions, secretText } from '../remote/options.ts';
import type { Chat } from './chat.ts';
import { parseCompletion } from './completion.ts';
import { Dialect, type Structure } from './dialect.ts';

/** Where and how `httpChat` asks. */
export interface HttpChatOptions extends RemoteOptions {
  /**
   * The address up to, without, `/chat/completions`, e.g. `https://api.openai.com/v1`, `http://localhost:11434/v1`. A user
   * name and password in it are sent as a header and shown nowhere.
   */
  readonly url: string;
  readonly model: string;
  /** Of sampling. Default 0: an order of items is no place for invention. Left out where a model refuses it. */
  readonly temperature?: number;
  /** Of the service's sampling. Default: not sent. */
  readonly seed?: number;
  /** Tokens of an answer at most. Default: the service's own limit. */
  readonly maxTokens?: number;
  /**
   * How an answer is held to its schema: by the schema, as any JSON object, or by the prompt alone. Default: the schema;
   * where a service refuses it, the next one.
   */
  readonly structure?: Structure;
}

/** Bytes of one answer at most: an order of some hundred items has some thousand. */
const MOST_ANSWER_BYTES = 2 ** 20;

/** Every option of `httpChat`. */
export const HTTP_CHAT_OPTIONS = {
  url: required(secretText('the address up to, without, /chat/completions')),
  model: required(MODEL_NAME),
  temperature: number({ about: 'of sampling', min: 0, max: 2, default: 0 }),
  seed: integer({ about: "of the service's sampling", min: 0 }),
  maxTokens: integer({ about: 'tokens of an answer at most', min: 1 }),
  structure: oneOf(['json_schema', 'json_object', 'none'], {
    about: 'how an answer is held to its schema',
  }),
  ...REMOTE_OPTIONS,
  maxAnswerBytes: integer({ about: 'bytes of one answer', min: 1, default: MOST_ANSWER_BYTES }),
} satisfies DescriptorsOf<HttpChatOptions>;

/** What was asked so far. */
export interface HttpChatCounts {
  /** Requests that were sent, and how many of them again. */
  requests: number;
  retries: number;
}

/**
 * A chat model behind an endpoint with OpenAI's interface (OpenAI, Ollama, vLLM, llama.cpp, LM Studio, OpenRouter …):
 * `POST {url}/chat/completions`. Requests that fail and may succeed later are sent again, after as long as the service asks
 * to wait. What a service refuses of a request (a schema, a temperature) is left out of the next ones.
 *
 * Source: OpenAI API reference, "Create chat completion", "Structured outputs".
 *
 * @throws {OptionError} an option out of range; a key that no header takes
 * @throws {DataError} from `ask`: an endpoint that cannot be reached, answers with another status than 2xx, too late or
 *   too much, or redirects to another origin
 * @throws {FormatError} from `ask`: an answer that is no chat completion
 * @example
 * const chat = httpChat({ url: 'http://localhost:11434/v1', model: 'qwen3:8b' });
 */
export function httpChat(options: HttpChatOptions): Chat & { readonly counts: HttpChatCounts } {
  const resolved = resolveOptions(HTTP_CHAT_OPTIONS, options, 'httpChat');
  const { url, model, temperature, seed, maxTokens, structure, concurrency } = resolved;
  const { retries, maxWaitMs } = resolved;
  const endpoint = parseEndpoint(url, '/chat/completions');
  const counts: HttpChatCounts = { requests: 0, retries: 0 };
  const connection = connectionOf(endpoint, resolved, 'httpChat');
  const caller = new Caller(connection, { retries, maxWaitMs }, counts);
  const dialect = new Dialect(structure ?? null);
  const settings = { temperature, seed, maxTokens };
  const named = Object.entries({ ...settings, structure }).filter(([, value]) => value !== undefined);
  return {
    id: [endpoint.shown, model, ...named.map(([name, value]) => `${name} ${value}`)].join(', '),
    concurrency,
    counts,
    async ask(request, { signal } = {}) {
      for (;;) {
        const asked = dialect.state;
        const body = { model, messages: request.messages, ...dialect.body(request, settings) };
        const answer = await caller.ask(body, signal);
        if (isSuccess(answer)) return parseCompletion(answer.text, caller.where, caller.redact);
        if (!dialect.learn(answer.status, answer.text, asked))
          throw caller.failure(answer, 'a chat completion');
      }
    },
  };
}
