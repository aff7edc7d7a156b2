import { fractionalPower } from '../runtime/fractionalPower.ts';
import type { PrincipalCoordinates } from './pca.ts';

/**
 * Relaxed whitening: principal coordinates [rows × dim] with column k multiplied by σₖ^−α, so that its norm is σₖ^(1−α).
 * @param exponent α in [0, 1]
 */
export function whiten(
  { coordinates, singularValues }: Pick<PrincipalCoordinates, 'coordinates' | 'singularValues'>,
  exponent: number,
): Float32Array {
  const dim = singularValues.length;
  const factors = singularValues.map((value) => 1 / fractionalPower(value, exponent));
  return coordinates.map((value, at) => value * factors[at % dim]);
}
