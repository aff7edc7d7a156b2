import { crc32 } from '../../format/crc32.ts';
import type { Resolved } from '../../options/descriptor.ts';
import { toChat } from '../toChat.ts';
import { type RerankItem, titleOf } from './item.ts';
import type { RERANK_OPTIONS } from './options.ts';
import { agreementOf, bordaOrder, chanceAgreement, completed, shuffledOrder } from './orders.ts';
import { rankingRequest, shortened } from './prompt.ts';
import type { Report } from './report.ts';
import { askRounds, type Round } from './rounds.ts';

type Resolution = Resolved<typeof RERANK_OPTIONS>;

/**
 * Places of the candidates in the order of a chat model; null where ours stands, and the report says why.
 * @throws the signal's reason
 */
export async function chatOrder(
  candidates: readonly RerankItem[],
  history: readonly (string | RerankItem)[],
  options: Resolution,
  report: Report,
): Promise<number[] | null> {
  const count = candidates.length;
  if (count < 2) return report.stop('nothing to rank', `expected two candidates or more, received ${count}`);
  const asked = roundsOf(candidates, history, options);
  if (asked.length === 0) return report.stop('no history', 'nothing is known of the person');
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
  return bordaOrder(whole, count);
}

/** What is asked about some candidates, a request a round; none of a person of whom nothing is known. */
export function roundsOf(
  candidates: readonly RerankItem[],
  history: readonly (string | RerankItem)[],
  { prompt, rounds, maxHistory, orderedHistory: isOrdered, seed }: Omit<Resolution, 'chat'>,
): Round[] {
  const known = history.map(titleOf).filter((title) => title.trim() !== '');
  if (known.length === 0) return [];
  const titles = candidates.map((item) => shortened(titleOf(item)));
  const ids = JSON.stringify(candidates.map(({ id }) => id));
  const content = crc32(new TextEncoder().encode(ids));
  const liked = isOrdered ? known.slice(-maxHistory) : drawn(known, maxHistory, seed, content);
  return Array.from({ length: rounds }, (_, round) => {
    const places = shuffledOrder(titles.length, seed, round, content);
    const shown = Array.from(places, (n) => titles[n]);
    const request = rankingRequest({ prompt, history: liked, isOrdered, candidates: shown });
    return { places, shown, request };
  });
}

/** Beyond the rounds that can be asked. */
const HISTORY_ROUND = 1000;

/** Some of a history without an order, which stand as they stood. */
function drawn(history: readonly string[], most: number, seed: number, content: number): readonly string[] {
  if (history.length <= most) return history;
  const places = shuffledOrder(history.length, seed, HISTORY_ROUND, content).subarray(0, most).sort();
  return Array.from(places, (place) => history[place]);
}
