import type { FeatureExtractor } from '../../../src/embed/transformers/load.ts';
import type { TokenPooling } from '../../../src/embed/transformers/presets.ts';

/** The vector of a text by definition: the pipeline's rows of its tokens alone, pooled in plain loops, at norm 1. */
export async function directVector(
  extract: FeatureExtractor,
  text: string,
  pooling: TokenPooling,
): Promise<number[]> {
  const { dims, data } = await extract([text], { pooling: 'none', normalize: false });
  const [, tokens, width] = dims;
  const rowOf = (token: number) => Array.from({ length: width }, (_, k) => Number(data[token * width + k]));
  const first = { mean: 0, cls: 0, last_token: tokens - 1 }[pooling];
  const end = pooling === 'cls' ? 1 : tokens;
  const sum = new Array<number>(width).fill(0);
  for (let token = first; token < end; token++)
    for (const [k, value] of rowOf(token).entries()) sum[k] += value;
  const norm = Math.hypot(...sum);
  return sum.map((value) => value / norm);
}

/** The largest difference of two rows. */
export function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return Array.from(a).reduce((most, value, k) => Math.max(most, Math.abs(value - b[k])), 0);
}
