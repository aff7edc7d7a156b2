/**
 * log₂ n for n ≥ 1, within 4e-16 relative. `Math.log2` may differ by an ulp between engines, and what is made with it
 * decides early stopping and is stored in model files, which have the same bytes everywhere.
 */
export function log2(n: number): number {
  let exponent = 0;
  let mantissa = n;
  while (mantissa > 1.5) {
    mantissa /= 2;
    exponent++;
  }
  const t = (mantissa - 1) / (mantissa + 1);
  let series = 0;
  for (let power = 23; power >= 1; power -= 2) series = series * t * t + 1 / power;
  return exponent + 2.8853900817779268 * t * series;
}
