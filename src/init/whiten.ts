import type { PrincipalCoordinates } from './pca.ts';

/** Bits of the exponent that are read. */
const EXPONENT_BITS = 24;

/**
 * Relaxed whitening: principal coordinates [rows × dim] with column k multiplied by σₖ^−α, so that its norm is σₖ^(1−α).
 * @param exponent α in [0, 1]
 */
export function whiten(
  { coordinates, singularValues }: Pick<PrincipalCoordinates, 'coordinates' | 'singularValues'>,
  exponent: number,
): Float32Array {
  const dim = singularValues.length;
  const factors = singularValues.map((value) => 1 / power(value, exponent));
  return coordinates.map((value, at) => value * factors[at % dim]);
}

/** base^exponent for an exponent in [0, 1] by repeated square roots: `**` may differ between engines, √ does not. */
function power(base: number, exponent: number): number {
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
