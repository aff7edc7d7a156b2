import { argument } from '../options/arguments.ts';
import type { SequenceWeights } from '../rank/sequences/weights.ts';
import type { SequencePart } from './modelFile/parts.ts';

/**
 * What makes of an ordered history the row that scores items, or the scores of all items.
 *
 * @example
 * const last: SequenceReading = { row: (history) => Float32Array.of(history[history.length - 1] ?? 0) };
 */
export interface SequenceReading {
  /** Zeros for an empty history. @param history the numbers of its items, the oldest first */
  row(history: ArrayLike<number>): Float32Array;
  /** The scores of all items of the file, of a model whose scores are no inner products of rows. */
  scores?(history: ArrayLike<number>): ArrayLike<number>;
  /** Takes an item out of the catalogue of such a model. */
  remove?(item: number): void;
  /** Such a model with these of its items alone, in their order. */
  left?(items: readonly number[]): SequenceWeights;
}

/**
 * What reads the transformers of models of sequences: `Sequences` of `llminit/sequences`.
 *
 * @example
 * const sequences: SequenceSupport = new Sequences(runtime);
 * const recommender = await Recommender.open(modelBytes, { sequences });
 */
export interface SequenceSupport {
  /** @internal @param rowOf the row of an item, as serving scores it */
  open(part: SequencePart, rowOf: (item: number) => Float32Array): SequenceReading;
}

/** What opens models of sequences. */
export const SEQUENCE_SUPPORT = argument<SequenceSupport>(
  "new Sequences(await load()) of 'llminit/sequences'",
  (value) => typeof (value as SequenceSupport | null)?.open === 'function',
);
