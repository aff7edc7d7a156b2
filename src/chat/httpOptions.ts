import { integer, number, oneOf, required } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';
import { MODEL_NAME, REMOTE_OPTIONS, type RemoteOptions, secretText } from '../remote/options.ts';
import type { Structure } from './dialect.ts';

/**
 * Where and how `httpChat` asks.
 *
 * @example
 * const options: HttpChatOptions = { url: 'http://localhost:11434/v1', model: 'qwen3:8b', maxTokens: 300 };
 * const chat = httpChat(options);
 */
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
  url: required({
    ...secretText('a chat model: the address up to, without, /chat/completions'),
    flag: '--chat <url>',
  }),
  model: required({ ...MODEL_NAME, flag: '--chat-model <name>' }),
  temperature: number({ about: 'of sampling', flag: '--chat-temperature <t>', min: 0, max: 2, default: 0 }),
  seed: integer({ about: "of the service's sampling", flag: '--chat-seed <n>', min: 0 }),
  maxTokens: integer({ about: 'tokens of an answer at most', flag: '--chat-max-tokens <n>', min: 1 }),
  structure: oneOf(['json_schema', 'json_object', 'none'], {
    about: 'how an answer is held to its schema',
    flag: '--chat-structure <how>',
  }),
  ...REMOTE_OPTIONS,
  maxAnswerBytes: integer({ about: 'bytes of one answer', min: 1, default: MOST_ANSWER_BYTES }),
} satisfies DescriptorsOf<HttpChatOptions>;
