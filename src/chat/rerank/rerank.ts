import { OptionError } from '../../errors.ts';
import { crc32 } from '../../format/crc32.ts';
import { argument, arrayOf, checkArgument, having, TEXT } from '../../options/arguments.ts';
import type { Resolved } from '../../options/descriptor.ts';
import { resolveOptions } from '../../options/resolve.ts';
import { toChat } from '../toChat.ts';
import { RERANK_OPTIONS, type RerankOptions } from './options.ts';
import { agreementOf, bordaOrder, chanceAgreement, completed, fused, shuffledOrder } from './orders.ts';
import { rankingRequest, shortened } from './prompt.ts';
import { type Report, type RerankReport, type RerankStop, reportOf } from './report.ts';
import { askRounds, type Round } from './rounds.ts';

/** What can be ranked: a recommendation, or anything with an id and a title. */
export interface RerankItem {
  readonly id: string;
  /** What the chat model is shown; the id where there is none. */
  readonly title?: string | null;
}

/** Ranked candidates, and how they came about. */
export interface Reranked<T extends RerankItem> {
  /** All candidates, each once, best first. */
  readonly items: readonly T[];
  readonly report: RerankReport;
}

const ITEM = having<RerankItem>('{ id, title }', { id: TEXT });
const CANDIDATES = arrayOf('a list of items with ids', ITEM);
const HISTORY = arrayOf(
  'a list of items or titles',
  argument<string | RerankItem>('an item or a title', (value) => TEXT.is(value) || ITEM.is(value)),
);

/**
 * Candidates in the order of a chat model, fused with our own: it is asked `rounds` times with the candidates shuffled, the
 * places of its answers are added up (Borda), and the result is fused with the given order by (1 − w) / (60 + our rank) +
 * w / (60 + its rank). Titles go to the model as data within JSON, and all that is taken from an answer is an order of the
 * given candidates: those that it leaves out stand as they were, what it invents is counted and dropped.
 *
 * Whatever goes wrong (no answer in time, an error, fewer than half of the rounds with half of the candidates, rounds that
 * agree no more than by chance), the given order is returned, and `report` says why.
 *
 * @param candidates in our order, best first
 * @param history what the person likes, the oldest first: titles, or items
 * @throws {OptionError} for other arguments, or candidates that are repeated
 * @throws the signal's reason
 * @example
 * const { items, report } = await rerank(recommender.recommend('u42', { k: 20 }), ['Steel bottle'], {
 *   chat: httpChat({ url: 'http://localhost:11434/v1', model: 'qwen3:8b' }),
 * });
 */
export async function rerank<T extends RerankItem>(
  candidates: readonly T[],
  history: readonly (string | RerankItem)[],
  options: RerankOptions,
): Promise<Reranked<T>> {
  checkArgument(CANDIDATES, candidates, 'candidates', 'rerank');
  checkArgument(HISTORY, history, 'history', 'rerank');
  const resolved = resolveOptions(RERANK_OPTIONS, options, 'rerank');
  checkDistinct(candidates);
  const { signal } = resolved;
  signal?.throwIfAborted();
  const report: Report = reportOf(resolved.rounds);
  const began = performance.now();
  const shown = history.map(titleOf).filter((title) => title.trim() !== '');
  const order = await chatOrder(candidates.map(titleOf), ids(candidates), shown, resolved, report);
  report.milliseconds = performance.now() - began;
  return { items: order ? order.map((n) => candidates[n]) : [...candidates], report };
}

/** The fused order; null where ours stands, and the report says why. */
async function chatOrder(
  titles: readonly string[],
  content: string,
  history: readonly string[],
  options: Resolved<typeof RERANK_OPTIONS>,
  report: Report,
): Promise<number[] | null> {
  const { prompt, rounds, weight, maxHistory, orderedHistory, seed } = options;
  const count = titles.length;
  const stop = nothingToAsk(count, history, weight);
  if (stop) return report.stop(...stop);
  const shown = titles.map(shortened);
  const hash = crc32(new TextEncoder().encode(content));
  const cut = orderedHistory ? history.slice(-maxHistory) : drawn(history, maxHistory, seed, hash);
  const asked = Array.from({ length: rounds }, (_, round): Round => {
    const places = shuffledOrder(count, seed, round, hash);
    const candidates = Array.from(places, (n) => shown[n]);
    const isOrdered = orderedHistory;
    return {
      places,
      shown: candidates,
      request: rankingRequest({ prompt, history: cut, isOrdered, candidates }),
    };
  });
  const orders = await askRounds(asked, toChat(options.chat), options, report);
  if (!orders) return null;
  const whole = orders.map((named) => completed(named, count));
  report.agreement = agreementOf(whole, count);
  const least = options.minAgreement ?? chanceAgreement(count, whole.length);
  if (report.agreement !== null && report.agreement < least) {
    const [found, needed] = [report.agreement, least].map((value) => value.toFixed(2));
    return report.stop('disagreement', `expected rounds that agree by ${needed}, received ${found}`);
  }
  report.by = 'chat';
  return fused(bordaOrder(whole, count), weight);
}

/** Some of a history without an order, which stand as they stood. */
function drawn(history: readonly string[], most: number, seed: number, content: number): readonly string[] {
  if (history.length <= most) return history;
  const places = shuffledOrder(history.length, seed, HISTORY_ROUND, content).subarray(0, most).sort();
  return Array.from(places, (place) => history[place]);
}

/** Beyond the rounds that can be asked. */
const HISTORY_ROUND = 1000;

/** Why nothing need be asked; null where something is to be. */
function nothingToAsk(
  count: number,
  history: readonly string[],
  weight: number,
): [RerankStop, string] | null {
  if (count < 2) return ['nothing to rank', `expected two candidates or more, received ${count}`];
  if (weight === 0) return ['weight', 'the weight of the chat model is 0'];
  if (history.length === 0) return ['no history', 'nothing is known of the person'];
  return null;
}

function titleOf(item: string | RerankItem): string {
  if (typeof item === 'string') return item;
  return typeof item.title === 'string' && item.title.trim() !== '' ? item.title : item.id;
}

function ids(candidates: readonly RerankItem[]): string {
  return JSON.stringify(candidates.map(({ id }) => id));
}

function checkDistinct(candidates: readonly RerankItem[]): void {
  const seen = new Set<string>();
  for (const { id } of candidates) {
    if (seen.has(id)) {
      const problem = `expected candidates that are given once each, received ${JSON.stringify(id)} again`;
      throw new OptionError('rerank', problem, 'Leave the repeated ones out');
    }
    seen.add(id);
  }
}
