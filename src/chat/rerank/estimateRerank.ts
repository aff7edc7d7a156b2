import { checkArgument } from '../../options/arguments.ts';
import { resolveOptions } from '../../options/resolve.ts';
import { priceOf } from '../prices.ts';
import type { RerankCase } from './cases.ts';
import { roundsOf } from './chatOrder.ts';
import { CASES, EVALUATE_RERANKER_OPTIONS, type EvaluateRerankerOptions } from './evaluateReranker.ts';

/**
 * What asking is expected to cost, before it begins. Nothing is asked.
 *
 * @example
 * const { requests, promptTokens }: RerankEstimate = estimateRerank(cases, { chat });
 */
export interface RerankEstimate {
  readonly requests: number;
  /** About: four characters a token. */
  readonly promptTokens: number;
  readonly answerTokens: number;
  readonly price: number | null;
}

const CHARACTERS_A_TOKEN = 4;
/** Of an answer: a number and a comma a candidate, and what stands around them. */
const TOKENS_A_CANDIDATE = 2;
const TOKENS_AROUND = 8;

/**
 * What `evaluateReranker` and `calibrateReranker` will ask and about how many tokens that takes: four characters of a prompt
 * are counted as one, and a model that reasons before it answers takes more than is said here.
 * @throws {OptionError} for other arguments
 * @example
 * const { requests, promptTokens, price } = estimateRerank(cases, { chat, priceIn: 0.15, priceOut: 0.6 });
 */
export function estimateRerank(
  cases: readonly RerankCase[],
  options: EvaluateRerankerOptions,
): RerankEstimate {
  checkArgument(CASES, cases, 'cases', 'estimateRerank');
  const resolved = resolveOptions(EVALUATE_RERANKER_OPTIONS, options, 'estimateRerank');
  let [requests, characters, answerTokens] = [0, 0, 0];
  for (const { candidates, history, orderedHistory = true } of cases) {
    if (candidates.length < 2 || resolved.weight === 0) continue;
    for (const { request } of roundsOf(candidates, history, { ...resolved, orderedHistory })) {
      requests++;
      characters += request.messages.reduce((sum, { content }) => sum + content.length, 0);
      answerTokens += TOKENS_AROUND + TOKENS_A_CANDIDATE * candidates.length;
    }
  }
  const promptTokens = Math.ceil(characters / CHARACTERS_A_TOKEN);
  return { requests, promptTokens, answerTokens, price: priceOf(promptTokens, answerTokens, resolved) };
}
