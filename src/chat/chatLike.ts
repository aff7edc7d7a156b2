import { instance } from '../options/builders.ts';
import { CHAT } from './chat.ts';
import type { ChatLike } from './toChat.ts';

/** The option `chat` of everything that asks. */
export const CHAT_LIKE = instance<ChatLike>(
  'a Chat, a model with doGenerate, or a function',
  (value) => typeof value === 'function' || CHAT.is(value) || 'doGenerate' in Object(value),
  { about: 'the chat model' },
);
