import { codeVocabulary } from '../../data/itemCodes.ts';
import type { CodeWeights } from '../sequences/weights.ts';

/** The codes of some items, in their order, with the rows of the tokens that are left: codes keep their numbers. */
export function keptCodes(codes: CodeWeights, dim: number, items: readonly number[]): CodeWeights {
  const { columns, values: all, tokens, beams } = codes;
  const values = Int32Array.from(
    items.flatMap((item) => [...all.subarray(item * columns, (item + 1) * columns)]),
  );
  const before = codeVocabulary(codes);
  const { sizes } = codeVocabulary({ columns, values });
  const rows = sizes.flatMap((size, column) => {
    const from = before.offsets[column] * dim;
    return [...tokens.subarray(from, from + size * dim)];
  });
  return { columns, values, tokens: Float32Array.from(rows), beams };
}
