import { transpose } from '../../data/csr.ts';
import { UnsupportedError } from '../../errors.ts';
import { checkArgument } from '../../options/arguments.ts';
import { number } from '../../options/builders.ts';
import type { DescriptorsOf } from '../../options/descriptor.ts';
import { resolveOptions } from '../../options/resolve.ts';
import { LEXICAL_MODEL, type LexicalModel } from './model.ts';
import { segmenterVersion } from './segmenter.ts';
import { eachPart, hasParts, termSplitter } from './terms.ts';
import { weightedSum } from './weightedSum.ts';
import { weighRows, weighTerms } from './weights.ts';

/** A vector with less than this share of its TF-IDF row's length has lost all its terms. */
export const NOISE = 1e-4;

/**
 * Options of `textTransform`.
 *
 * @example
 * const options: TransformOptions = { cacheBytes: 2 ** 20 };
 * const toVector = textTransform(embeddings.lexical!, options);
 */
export interface TransformOptions {
  /** Bytes for rows of V that are kept from one text to the next. Default 16 MiB; more is faster for many texts. */
  readonly cacheBytes?: number;
}

const OPTIONS = {
  cacheBytes: number({ about: 'bytes for rows that are kept', min: 0, default: 2 ** 24 }),
} satisfies DescriptorsOf<TransformOptions>;

/**
 * Lexical vectors of texts, one after the other; null for a text without a term of the model.
 *
 * @example
 * const toVector: TextTransform = textTransform(embeddings.lexical!);
 * const vector = toVector('oak chair');
 */
export type TextTransform = (text: string) => Float32Array | null;

/**
 * A function from texts to their vectors by `model`: for a text of the catalogue the vector it has there, to the last
 * bit, for any other the one it would have had if the catalogue's terms had been the same. Each costs
 * about (texts that have its terms) × width multiplications, and less once its terms have been met.
 *
 * @throws {UnsupportedError} where `Intl.Segmenter` made the model and cuts otherwise here
 * @example
 * const toVector = textTransform(embeddings.lexical!);
 * toVector('oak chair')?.length === embeddings.width; // → true
 */
export function textTransform(model: LexicalModel, options: TransformOptions = {}): TextTransform {
  checkArgument(LEXICAL_MODEL, model, 'model', 'textTransform');
  const { cacheBytes } = resolveOptions(OPTIONS, options, 'textTransform');
  const { vocabulary, weights } = model;
  if (model.segmenter !== null && segmenterVersion() !== model.segmenter) {
    const problem =
      'expected the Intl.Segmenter that cut the texts of the model, received one with other words';
    throw new UnsupportedError('textTransform', problem, 'Use the same engine, or segmentation characters');
  }
  const columns = new Map(vocabulary.map((term, column) => [term, column]));
  const split = termSplitter(model.options);
  const isKnown = (word: string) => columns.has(word);
  const project = projector(model, cacheBytes);
  return (text) => {
    const found: number[] = [];
    const term = (term: string) => {
      const column = columns.get(term);
      if (column !== undefined) found.push(column);
    };
    const word = (word: string) => {
      if (hasParts(word, isKnown(word), model.options)) eachPart(word, isKnown, term);
    };
    split(text, { term, word });
    found.sort((a, b) => a - b);
    if (found.length === 0) return null;
    const { distinct, counts } = countRepeats(found);
    const values = new Float32Array(distinct.length);
    weighTerms(distinct, counts, weights, values);
    return project(distinct, values);
  };
}

/** The vector of sums; null where nothing of the TF-IDF row is left. */
export function vectorOf(sums: Float64Array): Float32Array | null {
  let squares = 0;
  for (let k = 0; k < sums.length; k++) squares += sums[k] * sums[k];
  return squares <= NOISE * NOISE ? null : Float32Array.from(sums);
}

/**
 * x V for one text after the other, in ascending order of terms. Rows of V = Aᵀ (U S⁻¹) are computed when they are first
 * asked for, in ascending order of the catalogue's texts, and kept while there is room.
 */
function projector(
  { counts, weights, projection, width }: LexicalModel,
  cacheBytes: number,
): (terms: readonly number[], values: Float32Array) => Float32Array | null {
  const { rowPtr, colIdx, values: entries } = transpose(weighRows(counts, weights));
  const sums = new Float64Array(width);
  const room = Math.min(Math.floor(cacheBytes / (4 * width)), counts.cols);
  const places = new Map<number, number>();
  let table = new Float32Array(0);
  const fill = (term: number, place: number) => {
    const [begin, end] = [rowPtr[term], rowPtr[term + 1]];
    weightedSum(entries!.subarray(begin, end), colIdx.subarray(begin, end), projection, sums);
    table.set(sums, place * width);
  };
  return (terms, values) => {
    const missing = terms.filter((term) => !places.has(term)).length;
    if ((places.size + missing) * width > table.length) table = grown(table, (places.size + missing) * width);
    let spare = places.size + missing;
    const rows = terms.map((term) => {
      const known = places.get(term);
      if (known !== undefined) return known;
      const isKept = places.size < room;
      const place = isKept ? places.size : --spare;
      if (isKept) places.set(term, place);
      fill(term, place);
      return place;
    });
    weightedSum(values, rows, table, sums);
    return vectorOf(sums);
  };
}

function grown(table: Float32Array, length: number): Float32Array<ArrayBuffer> {
  const larger = new Float32Array(Math.max(length, 2 * table.length));
  larger.set(table);
  return larger;
}

function countRepeats(sorted: readonly number[]): { distinct: number[]; counts: number[] } {
  const distinct: number[] = [];
  const counts: number[] = [];
  for (const value of sorted) {
    if (value === distinct.at(-1)) counts[counts.length - 1]++;
    else {
      distinct.push(value);
      counts.push(1);
    }
  }
  return { distinct, counts };
}
