import type { Csr } from '../../data/csr.ts';
import { log2 } from '../../runtime/log2.ts';

/** ln((1 + texts) / (1 + frequency)) + 1: how telling a term is that so many of the texts have. */
export function inverseFrequency(texts: number, frequency: number): number {
  return Math.LN2 * log2((1 + texts) / (1 + frequency)) + 1;
}

/**
 * The TF-IDF row of a text: (1 + ln count) · weight, of L2 norm 1.
 * Source: scikit-learn, `TfidfVectorizer(sublinear_tf=True)`.
 *
 * @param columns the terms that the text has, ascending; not empty
 * @param counts how often it has each
 * @param weights of all terms, by column
 * @param out where the row goes; of the length of `columns`
 */
export function weighTerms(
  columns: ArrayLike<number>,
  counts: ArrayLike<number>,
  weights: Float32Array,
  out: Float32Array,
): void {
  let squares = 0;
  for (let n = 0; n < columns.length; n++) {
    const weight = (1 + Math.LN2 * log2(counts[n])) * weights[columns[n]];
    out[n] = weight;
    squares += weight * weight;
  }
  const scale = 1 / Math.sqrt(squares);
  for (let n = 0; n < columns.length; n++) out[n] *= scale;
}

/** The TF-IDF rows of counts, a matrix of the same places. */
export function weighRows(counts: Csr & { readonly values: Float32Array }, weights: Float32Array): Csr {
  const { rows, rowPtr, colIdx } = counts;
  const values = new Float32Array(colIdx.length);
  for (let row = 0; row < rows; row++) {
    const [begin, end] = [rowPtr[row], rowPtr[row + 1]];
    weighTerms(
      colIdx.subarray(begin, end),
      counts.values.subarray(begin, end),
      weights,
      values.subarray(begin, end),
    );
  }
  return { ...counts, values };
}
