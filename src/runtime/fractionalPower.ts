/** Bits of the exponent that are read. */
const EXPONENT_BITS = 24;

/**
 * base^exponent for base ≥ 0 and an exponent in [0, 1], by repeated square roots: `**` may differ in its last bit from
 * one engine to another, √ does not. Within 1e-6 relative for bases from 1e-6 to 1e6.
 */
export function fractionalPower(base: number, exponent: number): number {
  if (exponent === 1) return base;
  let result = 1;
  let root = base;
  let rest = exponent;
  for (let bit = 0; bit < EXPONENT_BITS; bit++) {
    root = Math.sqrt(root);
    rest *= 2;
    if (rest < 1) continue;
    result *= root;
    rest -= 1;
  }
  return result;
}
