import { resolveOptions } from '../options/resolve.ts';
import { Caller, isSuccess } from '../remote/caller.ts';
import { connectionOf } from '../remote/connection.ts';
import { parseEndpoint } from '../remote/endpoint.ts';
import type { Chat } from './chat.ts';
import { parseCompletion } from './completion.ts';
import { Dialect } from './dialect.ts';
import { HTTP_CHAT_OPTIONS, type HttpChatOptions } from './httpOptions.ts';

/**
 * What was asked so far.
 *
 * @example
 * const { counts } = httpChat({ url: 'http://localhost:11434/v1', model: 'qwen3:8b' });
 * const { requests, retries }: HttpChatCounts = counts;
 * requests; // → 0
 */
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
