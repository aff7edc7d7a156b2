import type { Embedder } from './embedder.ts';

/** Texts that are embedded in one call each, by their position. */
export type Batch = readonly number[];

/**
 * A bound from below on what usual tokenizers make of a text is no use to a limit, one from above would waste most
 * of it: a token for three ASCII characters, which is one in ten more than English needs, and one for each other
 * UTF-16 unit, as Chinese and Japanese take.
 */
export function estimatedTokens(text: string): number {
  let others = 0;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 127) others++;
  return Math.ceil((text.length - others) / 3) + others;
}

/**
 * The batches of `texts`, which depend on nothing but the texts and the embedder's limits, so that a run that goes on
 * where another stopped has the same ones. Every position stands in one batch; an embedder that asks for it gets them
 * from the longest text to the shortest, others in their order.
 */
export function planBatches(
  texts: readonly string[],
  { batchTokens = Number.POSITIVE_INFINITY, byLength = false }: Pick<Embedder, 'batchTokens' | 'byLength'>,
  batchSize: number,
): Batch[] {
  const order = Array.from(texts.keys());
  if (byLength) order.sort((i, j) => texts[j].length - texts[i].length || i - j);
  const batches: number[][] = [];
  let batch: number[] = [];
  let tokens = 0;
  for (const position of order) {
    const cost = batchTokens === Number.POSITIVE_INFINITY ? 0 : estimatedTokens(texts[position]);
    if (batch.length > 0 && (batch.length === batchSize || tokens + cost > batchTokens)) {
      batches.push(batch);
      batch = [];
      tokens = 0;
    }
    batch.push(position);
    tokens += cost;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
