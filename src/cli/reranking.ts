import { type RerankedRecommendations, recommendReranked } from '../chat/rerank/recommendReranked.ts';
import type { RerankReport } from '../chat/rerank/report.ts';
import type { History } from '../serve/history.ts';
import type { Recommender } from '../serve/recommender.ts';
import type { RecommendOptions } from '../serve/recommendOptions.ts';
import type { ChatOptions, RerankSettings } from './args/chatOptions.ts';
import { openChat } from './chatModel.ts';

/** Re-ranked recommendations, told on stderr. */
export async function reranked(
  recommender: Recommender,
  person: string | History,
  options: RecommendOptions,
  { chat, settings }: { readonly chat: ChatOptions; readonly settings: RerankSettings },
): Promise<RerankedRecommendations> {
  const rerank = { ...settings, chat: openChat(chat).chat };
  const found = await recommendReranked(recommender, person, { ...options, rerank });
  process.stderr.write(`${reportLine(found.rerank, chat.http.model)}\n`);
  return found;
}

/** What came of it, in a line. */
export function reportLine(report: RerankReport, model: string): string {
  const { by, reason, detail, rounds, usable, agreement, invented, repeated, missing } = report;
  if (by === 'own') return `in our own order (${reason}): ${detail}`;
  const counts = Object.entries({ invented, repeated, missing }).filter(([, count]) => count > 0);
  const parts = [
    `re-ranked by ${model}: ${usable} of ${rounds} rounds`,
    ...(agreement === null ? [] : [`agreement ${agreement.toFixed(2)}`]),
    ...counts.map(([name, count]) => `${count} ${name}`),
    spentText(report),
  ];
  return parts.join(', ');
}

function spentText({ promptTokens, answerTokens, cached, milliseconds }: RerankReport): string {
  const tokens = promptTokens === null ? '' : `${promptTokens} + ${answerTokens ?? 0} tokens, `;
  return `${tokens}${cached > 0 ? `${cached} from the cache, ` : ''}${(milliseconds / 1000).toFixed(1)} s`;
}
