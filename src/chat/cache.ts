import { OptionError } from '../errors.ts';
import { checkArgument, FUNCTION, having } from '../options/arguments.ts';
import { CHAT, type Chat, type ChatReply, type ChatRequest, UNNAMED } from './chat.ts';

/**
 * Answers of chat models by what they were asked.
 *
 * @example
 * const kept = new Map<string, ChatReply>();
 * const cache: ChatCache = {
 *   get: async (key) => kept.get(key),
 *   set: async (key, reply) => void kept.set(key, reply),
 * };
 */
export interface ChatCache {
  /** The answer of a key; undefined where there is none. */
  get(key: string): Promise<ChatReply | undefined>;
  /** Keeps an answer. Resolves when it is stored. */
  set(key: string, reply: ChatReply): Promise<void>;
}

/** Whatever has the methods of a cache. */
export const CHAT_CACHE = having<ChatCache>('a cache { get, set }', { get: FUNCTION, set: FUNCTION });

/**
 * A cache that lives as long as the object.
 *
 * @example
 * const model = httpChat({ url: 'http://localhost:11434/v1', model: 'qwen3:8b' });
 * const chat = cachedChat(model, memoryChatCache());
 */
export function memoryChatCache(): ChatCache {
  const replies = new Map<string, ChatReply>();
  return {
    get: async (key) => replies.get(key),
    set: async (key, reply) => {
      replies.set(key, reply);
    },
  };
}

/**
 * The chat model with a cache before it: what it was asked before, with the same id, messages and schema, is answered
 * from there (`cached` is true). Only answers that the request can use are kept.
 *
 * @throws {OptionError} for a chat model without an id of its own, since the id is part of the key
 * @example
 * const model = httpChat({ url: 'http://localhost:11434/v1', model: 'qwen3:8b' });
 * const chat = cachedChat(model, memoryChatCache());
 */
export function cachedChat(chat: Chat, cache: ChatCache): Chat {
  checkArgument(CHAT, chat, 'chat', 'cachedChat');
  checkArgument(CHAT_CACHE, cache, 'cache', 'cachedChat');
  if (chat.id === UNNAMED) {
    const problem =
      'expected a chat model with an id, since it is part of the cache key, received a function';
    throw new OptionError('cachedChat', problem, "Pass toChat(function, { id: '…' })", 'chat');
  }
  return {
    id: chat.id,
    concurrency: chat.concurrency,
    async ask(request, call) {
      call?.signal?.throwIfAborted();
      const key = await chatKey(chat.id, request);
      const known = await cache.get(key);
      const isUsable = request.isUsable ?? (() => true);
      if (known && isUsable(known.text)) return { ...known, cached: true };
      const reply = await chat.ask(request, call);
      if (isUsable(reply.text)) await cache.set(key, reply);
      return reply;
    },
  };
}

/** The SHA-256, in hexadecimal, of everything that decides an answer. */
export async function chatKey(id: string, { messages, schema }: ChatRequest): Promise<string> {
  const asked = messages.map(({ role, content }) => [role, content]);
  const content = new TextEncoder().encode(JSON.stringify([id, asked, schema]));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', content));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
