import { priceOf, type TokenPrices } from '../prices.ts';
import type { Report, RerankReport, RerankStop } from './report.ts';

/**
 * What many questions came to.
 *
 * @example
 * const { changed, invented }: RerankTotals = await evaluateReranker(cases, { chat, k: 5 });
 */
export interface RerankTotals {
  /** People whose order the chat model decided with. */
  readonly changed: number;
  /** The others, by why our order stands. */
  readonly unchanged: Readonly<Partial<Record<RerankStop, number>>>;
  /** What was said about the first of the others. */
  readonly firstDetail: string | null;
  readonly invented: number;
  readonly repeated: number;
  readonly missing: number;
  /** Mean agreement of the rounds, where there are several; null without. */
  readonly agreement: number | null;
  /** Tokens that the service counted; null where it does not count. Answers of a cache cost none. */
  readonly promptTokens: number | null;
  readonly answerTokens: number | null;
  readonly answered: number;
  readonly cached: number;
  readonly seconds: number;
  /** null where no price is known, or no tokens were counted. */
  readonly price: number | null;
}

/** The sums of reports. */
export function totalsOf(
  reports: readonly (RerankReport | Report)[],
  seconds: number,
  prices: TokenPrices,
): RerankTotals {
  const sum = (name: 'invented' | 'repeated' | 'missing' | 'cached' | 'answered') =>
    reports.reduce((total, report) => total + report[name], 0);
  const counted = (name: 'promptTokens' | 'answerTokens') => {
    const known = reports.map((report) => report[name]).filter((count) => count !== null);
    return known.length === 0 ? null : known.reduce((total, count) => total + count, 0);
  };
  const agreements = reports.map(({ agreement }) => agreement).filter((value) => value !== null);
  const unchanged: Partial<Record<RerankStop, number>> = {};
  for (const { reason } of reports) if (reason !== null) unchanged[reason] = (unchanged[reason] ?? 0) + 1;
  const [promptTokens, answerTokens] = [counted('promptTokens'), counted('answerTokens')];
  return {
    ...{ changed: reports.filter(({ by }) => by === 'chat').length, unchanged },
    firstDetail: reports.find(({ reason }) => reason !== null)?.detail ?? null,
    ...{ invented: sum('invented'), repeated: sum('repeated'), missing: sum('missing') },
    agreement:
      agreements.length === 0
        ? null
        : agreements.reduce((total, value) => total + value, 0) / agreements.length,
    ...{ promptTokens, answerTokens, answered: sum('answered'), cached: sum('cached'), seconds },
    price: promptTokens === null ? null : priceOf(promptTokens, answerTokens ?? 0, prices),
  };
}
