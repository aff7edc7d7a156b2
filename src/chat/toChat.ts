import { DataError, OptionError, shown } from '../errors.ts';
import { integer, text } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';
import { resolveOptions } from '../options/resolve.ts';
import { type AiSdkLanguageModel, fromAiSdkLanguageModel, isAiSdkLanguageModel } from './aiSdk.ts';
import { type AnswerSchema, CHAT, type Chat, type ChatMessage, UNNAMED } from './chat.ts';

/**
 * A plain function: the text of an answer.
 *
 * @example
 * const silent: ChatFunction = async () => '{}';
 * const chat = toChat(silent, { id: 'silent' });
 */
export type ChatFunction = (
  messages: readonly ChatMessage[],
  schema: AnswerSchema,
  call: { readonly signal?: AbortSignal },
) => string | Promise<string>;

/**
 * What is taken for a chat model.
 *
 * @example
 * const like: ChatLike = async () => '{}';
 * const { items } = await rerank([{ id: 'i1' }, { id: 'i2' }], ['Steel bottle'], { chat: like });
 */
export type ChatLike = Chat | AiSdkLanguageModel | ChatFunction;

/**
 * Options of `toChat`.
 *
 * @example
 * const options: ToChatOptions = { id: 'silent', concurrency: 2 };
 * const chat = toChat(async () => '{}', options);
 */
export interface ToChatOptions {
  /**
   * Names everything that decides an answer, see `Chat.id`. Default: what the object says of itself; a function says
   * nothing, and a cache needs it.
   */
  readonly id?: string;
  /** Requests at a time. Default: what the object says, else 1. */
  readonly concurrency?: number;
}

const OPTIONS = {
  id: text({ about: 'names everything that decides an answer' }),
  concurrency: integer({ about: 'requests at a time', min: 1 }),
} satisfies DescriptorsOf<ToChatOptions>;

/**
 * A chat model from what people already have: a language model of the AI SDK (`doGenerate`, specification v1 to v4), or a
 * function from messages and a schema to a text, which fits node-llama-cpp, wllama, Workers AI and everything else. A `Chat`
 * comes back with the options in the place of its own settings. Told apart by their members alone: none of these packages
 * is imported.
 *
 * @throws {OptionError} an object of none of these kinds
 * @throws {DataError} from `ask`, where the function gives no text
 * @example
 * const chat = toChat(async (messages) => `no idea about ${messages.length} messages`, { id: 'my model' });
 */
export function toChat(like: ChatLike, options: ToChatOptions = {}): Chat {
  const { id, concurrency } = resolveOptions(OPTIONS, options, 'toChat');
  const chat = adapted(like);
  return {
    id: id ?? chat.id,
    concurrency: concurrency ?? chat.concurrency,
    ask: (request, call) => chat.ask(request, call),
  };
}

function adapted(like: ChatLike): Chat {
  if (CHAT.is(like)) return like;
  if (typeof like === 'function') return fromFunction(like as ChatFunction);
  if (like !== null && typeof like === 'object' && isAiSdkLanguageModel(like))
    return fromAiSdkLanguageModel(like);
  const received = like !== null && typeof like === 'object' ? Object.keys(like).join(', ') : shown(like);
  const problem = `expected a Chat, a model with doGenerate, or a function, received ${received || 'an empty object'}`;
  throw new OptionError('toChat', problem, 'Pass a function (messages, schema, { signal }) => text');
}

function fromFunction(ask: ChatFunction): Chat {
  return {
    id: UNNAMED,
    async ask({ messages, schema }, { signal } = {}) {
      signal?.throwIfAborted();
      const answer = await ask(messages, schema, { signal });
      if (typeof answer === 'string' && answer.trim() !== '')
        return { text: answer, promptTokens: null, answerTokens: null };
      const problem = `expected a text from the function, received ${answer === '' ? 'an empty one' : shown(answer)}`;
      throw new DataError('chat', problem, 'Return the text of the answer');
    },
  };
}
