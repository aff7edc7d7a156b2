import { inTurn } from '../../remote/inTurn.ts';
import type { Chat, ChatReply, ChatRequest } from '../chat.ts';
import { type ParsedRanking, parseRanking } from './parseRanking.ts';
import type { Report } from './report.ts';

/** One question about the candidates. */
export interface Round {
  /** Which candidate stands at each place. */
  readonly places: Int32Array;
  /** Their titles as they are shown. */
  readonly shown: readonly string[];
  readonly request: ChatRequest;
}

/** How long a round is waited for. */
interface Patience {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Candidates as the rounds name them; null where no more than half of the rounds are of use, and the report says why. A round
 * is of use when it names half of the candidates or more.
 * @throws the signal's reason
 */
export async function askRounds(
  rounds: readonly Round[],
  chat: Chat,
  { deadlineMs, signal }: Patience,
  report: Report,
): Promise<(readonly number[])[] | null> {
  const controller = new AbortController();
  const stop = () => controller.abort(signal!.reason);
  signal?.addEventListener('abort', stop, { once: true });
  const late = new Late(deadlineMs);
  const timer = setTimeout(() => controller.abort(late), deadlineMs);
  const needed = Math.floor(rounds.length / 2) + 1;
  const found: (readonly number[] | undefined)[] = [];
  const failures: unknown[] = [];
  const ask = async (n: number): Promise<void> => {
    // What is left could not make up for what has failed.
    if (rounds.length - failures.length < needed) return;
    try {
      const reply = await orAborted(
        chat.ask(usable(rounds[n]), { signal: controller.signal }),
        controller.signal,
      );
      found[n] = taken(reply, rounds[n], report);
    } catch (error) {
      failures.push(error);
    }
  };
  try {
    await inTurn([...rounds.keys()], ask, Math.min(chat.concurrency ?? 1, rounds.length));
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
  signal?.throwIfAborted();
  const orders = found.filter((named) => named !== undefined);
  report.usable = orders.length;
  if (orders.length >= needed) return orders;
  if (failures.includes(late)) return report.stop('deadline', late.message);
  if (failures.length > 0) return report.stop('failure', messageOf(failures[0]));
  const problem = `expected ${needed} of ${rounds.length} answers that name half of the candidates, received ${orders.length}`;
  return report.stop('unusable', problem);
}

/** The deadline has passed. */
class Late extends Error {
  constructor(deadlineMs: number) {
    super(`no answer within ${deadlineMs} ms`);
  }
}

/** The round's request; answers that are of no use are kept in no cache. */
function usable({ request, shown }: Round): ChatRequest {
  return { ...request, isUsable: (text) => isUsable(parseRanking(text, shown), shown.length) };
}

function isUsable({ named }: ParsedRanking, count: number): boolean {
  return 2 * named.length >= count;
}

/** The candidates that an answer names, by our numbers; undefined where it is of no use. */
function taken(
  { text, promptTokens, answerTokens, cached }: ChatReply,
  { places, shown }: Round,
  report: Report,
): readonly number[] | undefined {
  const parsed = parseRanking(text, shown);
  report.answered++;
  report.invented += parsed.invented;
  report.repeated += parsed.repeated;
  report.missing += shown.length - parsed.named.length;
  if (cached) report.cached++;
  else {
    report.promptTokens = sum(report.promptTokens, promptTokens);
    report.answerTokens = sum(report.answerTokens, answerTokens);
  }
  return isUsable(parsed, shown.length) ? parsed.named.map((place) => places[place]) : undefined;
}

function sum(before: number | null, added: number | null): number | null {
  return added === null ? before : (before ?? 0) + added;
}

/** A promise, or the abort of a signal that it may not listen to. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
