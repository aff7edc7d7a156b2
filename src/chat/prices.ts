import { number } from '../options/builders.ts';

/**
 * What tokens cost, per million, in any currency.
 *
 * @example
 * const prices: TokenPrices = { priceIn: 0.2, priceOut: 0.8 };
 * const { price } = estimateRerank(cases, { chat, ...prices });
 */
export interface TokenPrices {
  /** Of questions. */
  readonly priceIn?: number;
  /** Of answers. */
  readonly priceOut?: number;
}

/** Descriptors of `TokenPrices`. */
export const TOKEN_PRICES = {
  priceIn: number({ about: 'of a million tokens of questions', flag: '--price-in <price>', min: 0 }),
  priceOut: number({ about: 'of a million tokens of answers', flag: '--price-out <price>', min: 0 }),
};

/** What a price is of the tokens of questions and answers; null where no price is known. */
export function priceOf(
  promptTokens: number,
  answerTokens: number,
  { priceIn, priceOut }: TokenPrices,
): number | null {
  if (priceIn === undefined && priceOut === undefined) return null;
  return (promptTokens * (priceIn ?? 0) + answerTokens * (priceOut ?? 0)) / 1e6;
}
