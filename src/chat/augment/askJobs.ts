import { callback, required } from '../../options/builders.ts';
import type { DescriptorsOf, Resolved } from '../../options/descriptor.ts';
import { SIGNAL } from '../../options/kinds.ts';
import { inTurn } from '../../remote/inTurn.ts';
import type { ChatRequest } from '../chat.ts';
import { CHAT_LIKE } from '../chatLike.ts';
import { priceOf, TOKEN_PRICES, type TokenPrices } from '../prices.ts';
import { type ChatLike, toChat } from '../toChat.ts';

/**
 * Called after every answer.
 *
 * @example
 * const onProgress = ({ done, total, price }: AugmentProgress) => console.log(done, total, price);
 */
export interface AugmentProgress {
  readonly done: number;
  readonly total: number;
  /** Of `done`, how many came from a cache. */
  readonly cached: number;
  /** Tokens so far, as the service counted them, and their price where one is known. */
  readonly promptTokens: number;
  readonly answerTokens: number;
  readonly price: number | null;
}

/**
 * Who is asked, and what it costs.
 *
 * @example
 * const options: AugmentOptions = { chat, priceIn: 0.2, priceOut: 0.8 };
 */
export interface AugmentOptions extends TokenPrices {
  /** A `cachedChat` asks nothing twice: what was interrupted goes on where it was. */
  readonly chat: ChatLike;
  readonly onProgress?: (progress: AugmentProgress) => void;
  /** Stops the work; the promise then rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** Descriptors of `AugmentOptions`. */
export const AUGMENT_OPTIONS = {
  chat: required(CHAT_LIKE),
  ...TOKEN_PRICES,
  onProgress: callback<(progress: AugmentProgress) => void>('called after every answer'),
  signal: SIGNAL,
} satisfies DescriptorsOf<AugmentOptions>;

/**
 * What asking came to.
 *
 * @example
 * const { counts } = await augmentProfiles([{ id: 'u1', history: ['Oak chair'] }], { chat });
 * const { asked, unusable }: AugmentCounts = counts;
 */
export interface AugmentCounts {
  readonly asked: number;
  readonly cached: number;
  /** Answers that could not be used; they are in no cache, and asked again the next time. */
  readonly unusable: number;
  readonly promptTokens: number;
  readonly answerTokens: number;
  readonly price: number | null;
}

/** One question, and what is taken from an answer; null for one that cannot be used. */
export interface Job<T> {
  readonly request: ChatRequest;
  readonly take: (text: string) => T | null;
}

/**
 * What the answers give, in the order of the jobs: null where an answer could not be used.
 * @throws whatever the chat model fails with; the signal's reason
 */
export async function askJobs<T>(
  jobs: readonly Job<T>[],
  { chat, signal, onProgress, ...prices }: Resolved<typeof AUGMENT_OPTIONS>,
): Promise<{ found: (T | null)[]; counts: AugmentCounts }> {
  const model = toChat(chat);
  const found: (T | null)[] = [];
  let [done, cached, unusable, promptTokens, answerTokens] = [0, 0, 0, 0, 0];
  const price = () => priceOf(promptTokens, answerTokens, prices);
  const ask = async (n: number): Promise<void> => {
    signal?.throwIfAborted();
    const { request, take } = jobs[n];
    const reply = await model.ask({ ...request, isUsable: (text) => take(text) !== null }, { signal });
    signal?.throwIfAborted();
    const value = take(reply.text);
    found[n] = value;
    if (value === null) unusable++;
    if (reply.cached) cached++;
    else {
      promptTokens += reply.promptTokens ?? 0;
      answerTokens += reply.answerTokens ?? 0;
    }
    done++;
    onProgress?.({ done, total: jobs.length, cached, promptTokens, answerTokens, price: price() });
  };
  await inTurn([...jobs.keys()], ask, model.concurrency ?? 1);
  return { found, counts: { asked: done, cached, unusable, promptTokens, answerTokens, price: price() } };
}
