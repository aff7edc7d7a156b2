import type { AugmentOptions, AugmentProgress } from '../chat/augment/askJobs.ts';
import type { Progress } from './progress.ts';

/** What all questions share. */
export type Asking = AugmentOptions;

/** Tells how the asking goes, and what it came to so far. */
export function progressOf(part: string, progress: Progress): (step: AugmentProgress) => void {
  return ({ done, total, cached, promptTokens, answerTokens, price }) => {
    const tokens = promptTokens > 0 ? `, ${promptTokens} + ${answerTokens} tokens` : '';
    const cost = price === null ? '' : `, ${price.toFixed(4)}`;
    progress.step(`${part}${tokens}${cost}`, done, total, cached);
  };
}
