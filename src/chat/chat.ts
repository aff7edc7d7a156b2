import type { JsonValue } from '../format/json.ts';
import { FUNCTION, having, TEXT } from '../options/arguments.ts';

/**
 * One message of a conversation.
 *
 * @example
 * const message: ChatMessage = { role: 'user', content: 'Which of these comes next?' };
 */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/**
 * JSON Schema of an answer.
 *
 * @example
 * const schema: AnswerSchema = { type: 'object', properties: { order: { type: 'array' } } };
 */
export type AnswerSchema = Readonly<Record<string, JsonValue>>;

/**
 * What a chat model is asked.
 *
 * @example
 * const request: ChatRequest = { messages: [{ role: 'user', content: 'Hello' }], schema: {}, schemaName: 'order' };
 */
export interface ChatRequest {
  readonly messages: readonly ChatMessage[];
  /** What the answer must be. A service that cannot enforce it gets it as a wish, within the messages. */
  readonly schema: AnswerSchema;
  /** Names the schema: letters, digits and underscores. */
  readonly schemaName: string;
  /** Whether an answer can be used; others are kept in no cache. Default: every one can. */
  readonly isUsable?: (text: string) => boolean;
}

/**
 * What a chat model answered.
 *
 * @example
 * const reply: ChatReply = { text: '{"order":[2,1]}', promptTokens: 120, answerTokens: 9 };
 */
export interface ChatReply {
  readonly text: string;
  /** Tokens of the question and of the answer, as the service counted them; null where it does not say. */
  readonly promptTokens: number | null;
  readonly answerTokens: number | null;
  /** Whether it came from a cache: nothing was asked, and nothing is to be paid. */
  readonly cached?: boolean;
}

/**
 * A chat model.
 *
 * @example
 * const chat: Chat = {
 *   id: 'nobody',
 *   ask: async () => ({ text: '{}', promptTokens: null, answerTokens: null }),
 * };
 */
export interface Chat {
  /** Names everything that decides an answer: it is part of cache keys. */
  readonly id: string;
  /** Requests at a time, where many are to be made. Default 1. */
  readonly concurrency?: number;
  /**
   * The answer to a request.
   * @throws whatever the service fails with; the signal's reason
   */
  ask(request: ChatRequest, call?: { readonly signal?: AbortSignal }): Promise<ChatReply>;
}

/** Whatever has the members of a chat model. */
export const CHAT = having<Chat>('a Chat { id, ask }', { id: TEXT, ask: FUNCTION });

/** The id of functions that were given none; answers under it are in no cache. */
export const UNNAMED = 'a function';
