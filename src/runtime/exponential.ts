import { log2 } from './log2.ts';

const { LN2 } = Math;
/** Below it the result is 0. */
const LEAST = -700;

/** eˣ for x ≤ 0, within 1e-13 relative, the same in every engine: `Math.exp` may differ by an ulp. */
export function exponential(x: number): number {
  if (x < LEAST) return 0;
  const whole = Math.round(x / LN2);
  const rest = x - whole * LN2;
  let series = 1;
  for (let n = 16; n >= 1; n--) series = 1 + (rest / n) * series;
  let result = series;
  for (let n = whole; n < 0; n++) result /= 2;
  return result;
}

/** ln x for x ≥ 1, within 1e-15 relative. */
export function naturalLog(x: number): number {
  return LN2 * log2(x);
}
