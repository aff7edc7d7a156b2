import { cachedChat } from '../chat/cache.ts';
import type { Chat } from '../chat/chat.ts';
import { type HttpChatCounts, httpChat } from '../chat/httpChat.ts';
import { directoryChatCache } from '../node/chatCache.ts';
import { keyFor } from '../remote/endpoint.ts';
import type { ChatOptions } from './args/chatOptions.ts';

/** The chat model of a command line, and what it was asked. The key comes from the environment. */
export function openChat({ http, cache }: ChatOptions): { chat: Chat; counts: HttpChatCounts } {
  const model = httpChat({ ...http, apiKey: keyFor(http.url, process.env) });
  return {
    chat: cache === undefined ? model : cachedChat(model, directoryChatCache(cache)),
    counts: model.counts,
  };
}
