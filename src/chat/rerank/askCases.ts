import { callback } from '../../options/builders.ts';
import type { DescriptorsOf } from '../../options/descriptor.ts';
import { resolveOptions } from '../../options/resolve.ts';
import { inTurn } from '../../remote/inTurn.ts';
import type { Chat } from '../chat.ts';
import { TOKEN_PRICES, type TokenPrices } from '../prices.ts';
import { toChat } from '../toChat.ts';
import type { RerankCase } from './cases.ts';
import { chatOrder } from './chatOrder.ts';
import { RERANK_OPTIONS, type RerankOptions } from './options.ts';
import { type Report, reportOf } from './report.ts';

/**
 * Called after every person.
 *
 * @example
 * const onProgress = ({ done, total }: RerankProgress) => console.log(`${done} of ${total}`);
 */
export interface RerankProgress {
  readonly done: number;
  readonly total: number;
  /** Tokens so far, as the service counted them. */
  readonly promptTokens: number;
  readonly answerTokens: number;
}

/**
 * How many people's candidates are ranked, and what it costs.
 *
 * @example
 * const options: RerankManyOptions = { chat, rounds: 1, priceIn: 0.2, priceOut: 0.8 };
 */
export interface RerankManyOptions extends RerankOptions, TokenPrices {
  readonly onProgress?: (progress: RerankProgress) => void;
}

/** Descriptors of `RerankManyOptions`. */
export const RERANK_MANY_OPTIONS = {
  ...RERANK_OPTIONS,
  ...TOKEN_PRICES,
  onProgress: callback<(progress: RerankProgress) => void>('called after every person'),
} satisfies DescriptorsOf<RerankManyOptions>;

/** What a chat model says of one case: places of its candidates, null where our order stands. */
export interface AskedCase {
  readonly order: readonly number[] | null;
  readonly report: Report;
}

/** A service that failed so many people one after another is asked no more. */
const MOST_FAILURES = 5;

/**
 * Asks about every case, as many at a time as the chat model takes requests.
 * @throws the signal's reason
 */
export async function askCases(
  cases: readonly RerankCase[],
  options: RerankManyOptions,
  where: string,
): Promise<AskedCase[]> {
  const resolved = resolveOptions(RERANK_MANY_OPTIONS, options, where);
  const { onProgress, signal } = resolved;
  const model = toChat(resolved.chat);
  // One request at a time for each person, since several people are asked about at once.
  const chat: Chat = { id: model.id, ask: (request, call) => model.ask(request, call) };
  const found: AskedCase[] = [];
  let [done, failures, promptTokens, answerTokens] = [0, 0, 0, 0];
  let lastFailure = '';
  const ask = async (n: number): Promise<void> => {
    signal?.throwIfAborted();
    const { candidates, history, orderedHistory = true } = cases[n];
    const report = reportOf(resolved.rounds);
    const began = performance.now();
    const isLost = failures >= MOST_FAILURES;
    const order = isLost
      ? report.stop('failure', lastFailure)
      : await chatOrder(candidates, history, { ...resolved, chat, orderedHistory }, report);
    report.milliseconds = performance.now() - began;
    found[n] = { order, report };
    const hasFailed = report.reason === 'failure' || report.reason === 'deadline';
    failures = hasFailed ? failures + 1 : 0;
    if (hasFailed) lastFailure = report.detail ?? '';
    promptTokens += report.promptTokens ?? 0;
    answerTokens += report.answerTokens ?? 0;
    done++;
    onProgress?.({ done, total: cases.length, promptTokens, answerTokens });
  };
  await inTurn([...cases.keys()], ask, model.concurrency ?? 1);
  return found;
}
