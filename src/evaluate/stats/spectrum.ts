import { DataError, ShapeError } from '../../errors.ts';
import { firstNonFinite } from '../../format/finite.ts';
import { largestEigenvalues, tridiagonalForm } from '../../linalg/tridiagonal.ts';
import { checkArgument, FLOAT32, NUMBER } from '../../options/arguments.ts';

/**
 * How a table spreads over its dimensions.
 *
 * @example
 * const { singularValues, effectiveRank }: Spectrum = spectrum(factors.items, factors.dim);
 */
export interface Spectrum {
  /** Of the table as it is, not centred; descending, [dim]. */
  readonly singularValues: Float64Array;
  /** exp of the Shannon entropy of σ/Σσ (Roy & Vetterli, EUSIPCO 2007): from 1 to dim; 0 for a table of zeros. */
  readonly effectiveRank: number;
  /** Σσ/σ₁, the information abundance of Guo et al. (ICML 2024), whose fall they call embedding collapse. */
  readonly informationAbundance: number;
}

/**
 * Singular values of a dense rows × dim table from its Gram matrix in float64. For reports: the last digits of what is made of
 * their logarithms may differ between engines.
 * @throws {ShapeError} unless the table has whole rows
 * @throws {DataError} when a value is NaN or infinite
 * @example
 * const { effectiveRank } = spectrum(factors.items, factors.dim);
 * effectiveRank > 1 && effectiveRank <= factors.dim; // → true
 */
export function spectrum(table: Float32Array, dim: number): Spectrum {
  checkArgument(FLOAT32, table, 'table', 'spectrum');
  checkArgument(NUMBER, dim, 'dim', 'spectrum');
  if (!Number.isSafeInteger(dim) || dim < 1 || table.length === 0 || table.length % dim !== 0) {
    throw new ShapeError(
      'spectrum',
      `expected rows of ${dim} values, received ${table.length} values`,
      'Pass the dim of the table',
    );
  }
  const at = firstNonFinite(table);
  if (at >= 0) {
    throw new DataError(
      'spectrum',
      `expected finite values, received ${table[at]} in row ${Math.floor(at / dim)}`,
      'The training diverged: lower the learning rate or the scale of the initial rows',
    );
  }
  const eigenvalues = largestEigenvalues(tridiagonalForm(gram(table, dim), dim), dim);
  const singularValues = eigenvalues.map((value) => Math.sqrt(Math.max(0, value)));
  const sum = singularValues.reduce((total, value) => total + value, 0);
  if (sum === 0) return { singularValues, effectiveRank: 0, informationAbundance: 0 };
  let entropy = 0;
  for (const value of singularValues) if (value > 0) entropy -= (value / sum) * Math.log(value / sum);
  return {
    singularValues,
    effectiveRank: Math.exp(entropy),
    informationAbundance: sum / singularValues[0],
  };
}

function gram(table: Float32Array, dim: number): Float64Array {
  const sums = new Float64Array(dim * dim);
  for (let row = 0; row < table.length; row += dim) {
    for (let i = 0; i < dim; i++) {
      const factor = table[row + i];
      for (let j = i; j < dim; j++) sums[i * dim + j] += factor * table[row + j];
    }
  }
  for (let i = 0; i < dim; i++) for (let j = i; j < dim; j++) sums[j * dim + i] = sums[i * dim + j];
  return sums;
}
