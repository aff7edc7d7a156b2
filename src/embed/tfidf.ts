import type { Csr } from '../data/csr.ts';
import { unigramsAndBigrams } from './tokenize.ts';

/** The weighted terms of the texts that have any. */
export interface TermMatrix {
  /** Texts with a kept term × vocabulary; every row has L2 norm 1. */
  readonly matrix: Csr;
  /** Position among the texts of each row, ascending. */
  readonly documents: Int32Array;
  /** The term of each column, in the order of first appearance. */
  readonly vocabulary: readonly string[];
}

/**
 * The TF-IDF matrix of the unigrams and bigrams of `texts`, rows L2-normalised:
 * (1 + ln tf) · (ln((1 + n) / (1 + df)) + 1), with tf the count of a term in a text, df the number of texts that
 * have it and n the number of texts, blank ones included.
 * Source: scikit-learn, `TfidfVectorizer(sublinear_tf=True, min_df=…, ngram_range=(1, 2))`; deviation: the
 * tokens, see `tokenize`; no stop words either.
 *
 * @param minDocumentFrequency terms of fewer texts are left out; 1 keeps all
 * @param log natural logarithms of positive numbers; `Math.log` may differ by an ulp between engines
 */
export function termMatrix(
  texts: readonly string[],
  minDocumentFrequency: number,
  log: (x: Float32Array) => Float32Array,
): TermMatrix {
  const { terms, counts, frequency } = countTerms(texts);
  const columns = new Int32Array(terms.length).fill(-1);
  const vocabulary: string[] = [];
  const rarity: number[] = [];
  for (const [term, df] of frequency.entries()) {
    if (df < minDocumentFrequency) continue;
    columns[term] = vocabulary.length;
    vocabulary.push(terms[term]);
    rarity.push((1 + texts.length) / (1 + df));
  }
  let mostOften = 0;
  for (const count of counts) for (const times of count.values()) mostOften = Math.max(mostOften, times);
  const idf = log(Float32Array.from(rarity)).map((value) => value + 1);
  const tf = log(Float32Array.from({ length: mostOften }, (_, n) => n + 1)).map((value) => value + 1);

  const documents: number[] = [];
  const rowPtr = [0];
  const colIdx: number[] = [];
  const values: number[] = [];
  for (const [document, count] of counts.entries()) {
    const row = [...count]
      .map(([term, times]) => ({ column: columns[term], times }))
      .filter(({ column }) => column !== -1)
      .sort((a, b) => a.column - b.column);
    if (row.length === 0) continue;
    const weights = row.map(({ column, times }) => tf[times - 1] * idf[column]);
    const norm = Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0));
    for (const { column } of row) colIdx.push(column);
    for (const weight of weights) values.push(weight / norm);
    documents.push(document);
    rowPtr.push(colIdx.length);
  }
  const matrix = {
    rows: documents.length,
    cols: vocabulary.length,
    rowPtr: Int32Array.from(rowPtr),
    colIdx: Int32Array.from(colIdx),
    values: Float32Array.from(values),
  };
  return { matrix, documents: Int32Array.from(documents), vocabulary };
}

interface TermCounts {
  /** In the order of first appearance. */
  terms: string[];
  /** For each text, how often it has each of its terms. */
  counts: Map<number, number>[];
  /** For each term, how many texts have it. */
  frequency: number[];
}

function countTerms(texts: readonly string[]): TermCounts {
  const numbers = new Map<string, number>();
  const frequency: number[] = [];
  const counts = texts.map((text) => {
    const count = new Map<number, number>();
    for (const term of unigramsAndBigrams(text)) {
      let number = numbers.get(term);
      if (number === undefined) {
        number = numbers.size;
        numbers.set(term, number);
        frequency.push(0);
      }
      const before = count.get(number) ?? 0;
      if (before === 0) frequency[number]++;
      count.set(number, before + 1);
    }
    return count;
  });
  return { terms: [...numbers.keys()], counts, frequency };
}
