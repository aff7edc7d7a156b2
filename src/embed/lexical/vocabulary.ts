import type { Csr } from '../../data/csr.ts';
import { GrowingColumn } from '../../data/growingColumn.ts';
import { Turns } from '../../runtime/turns.ts';
import { eachPart, hasParts, kindWeight, type TermOptions, termSplitter } from './terms.ts';
import { TermTable } from './termTable.ts';
import { inverseFrequency } from './weights.ts';

/** Texts that are counted before the event loop may have a turn. */
const TURN_TEXTS = 256;

/** How often the texts of a catalogue have which terms. */
export interface TermCounts {
  /** Texts with a term × vocabulary; values are counts. */
  readonly counts: Csr & { readonly values: Float32Array };
  /** Position among the texts of each row, ascending. */
  readonly documents: Int32Array;
  /** The term of each column, in the order of first appearance, parts of words last. */
  readonly vocabulary: readonly string[];
  /** Inverse document frequency times the weight of the term's kind, by column. */
  readonly weights: Float32Array;
}

/**
 * Counts terms: words, pairs of neighbouring words, characters and pairs of characters of scripts without spaces, and
 * parts of words (see `TermOptions`). The weight of a term is (ln((1 + n) / (1 + df)) + 1) · k, with df the number of
 * texts that have it, n the number of texts, blank ones included, and k the weight of its kind.
 * Source: scikit-learn, `TfidfVectorizer(min_df=…, ngram_range=(1, 2))`, its smooth idf; deviation: the tokens, the
 * characters, the parts and k.
 *
 * @param minDocumentFrequency terms of fewer texts are left out; 1 keeps all
 * @throws the reason of the turns' signal once it is aborted
 */
export async function countTerms(
  texts: readonly string[],
  minDocumentFrequency: number,
  options: TermOptions = {},
  turns = new Turns(),
): Promise<TermCounts> {
  const table = new TermTable();
  const plain = await plainTerms(texts, table, options, turns);
  const all = await withParts(plain, table, minDocumentFrequency, options, turns);

  const columns = new Int32Array(table.terms.length).fill(-1);
  const vocabulary: string[] = [];
  for (const [number, df] of table.frequency.entries()) {
    if (df < minDocumentFrequency) continue;
    columns[number] = vocabulary.length;
    vocabulary.push(table.terms[number]);
  }
  const weights = Float32Array.from(
    vocabulary,
    (term) => inverseFrequency(texts.length, table.frequency[table.find(term)!]) * kindWeight(term, options),
  );
  return { ...(await countRows(all, columns, vocabulary.length, turns)), vocabulary, weights };
}

/** Numbers of the terms of all texts, with repeats; those of text n are terms[ends[n − 1]] … terms[ends[n] − 1]. */
interface Occurrences {
  readonly terms: Int32Array;
  readonly ends: Int32Array;
}

async function plainTerms(
  texts: readonly string[],
  table: TermTable,
  options: TermOptions,
  turns: Turns,
): Promise<Occurrences & { words: Uint8Array }> {
  const split = termSplitter(options);
  const occurrences = integers();
  const ends = new Int32Array(texts.length);
  const wordNumbers = integers();
  for (const [text, content] of texts.entries()) {
    if (text % TURN_TEXTS === 0) await turns.offer();
    split(content, {
      term: (term) => occurrences.push(table.add(term, text)),
      word: (word) => wordNumbers.push(table.find(word)!),
    });
    ends[text] = occurrences.length;
  }
  const words = new Uint8Array(table.terms.length);
  for (const number of wordNumbers.release()) words[number] = 1;
  return { terms: occurrences.release(), ends, words };
}

/** Adds the parts of the words that have some. Which words are known is settled before. */
async function withParts(
  { terms, ends, words }: Occurrences & { words: Uint8Array },
  table: TermTable,
  minDocumentFrequency: number,
  options: TermOptions,
  turns: Turns,
): Promise<Occurrences> {
  if (options.subwords === 'none') return { terms, ends };
  const known = Uint8Array.from(table.frequency, (df) => (df >= minDocumentFrequency ? 1 : 0));
  const isKnown = (text: string): boolean => {
    const number = table.find(text);
    return number !== undefined && known[number] === 1 && words[number] === 1;
  };
  const occurrences = integers();
  const newEnds = new Int32Array(ends.length);
  for (let text = 0, at = 0; text < ends.length; text++) {
    if (text % TURN_TEXTS === 0) await turns.offer();
    for (; at < ends[text]; at++) {
      const number = terms[at];
      occurrences.push(number);
      if (!words[number] || !hasParts(table.terms[number], known[number] === 1, options)) continue;
      eachPart(table.terms[number], isKnown, (part) => occurrences.push(table.add(part, text)));
    }
    newEnds[text] = occurrences.length;
  }
  return { terms: occurrences.release(), ends: newEnds };
}

/** Counts equal terms of each text; texts without a kept term get no row. */
async function countRows(
  { terms, ends }: Occurrences,
  columns: Int32Array,
  cols: number,
  turns: Turns,
): Promise<Pick<TermCounts, 'counts' | 'documents'>> {
  const documents = integers();
  const rowPtr = integers();
  const colIdx = integers();
  const values = integers();
  rowPtr.push(0);
  for (let text = 0, start = 0; text < ends.length; start = ends[text++]) {
    if (text % TURN_TEXTS === 0) await turns.offer();
    const kept = terms
      .subarray(start, ends[text])
      .map((number) => columns[number])
      .sort();
    const first = kept.findIndex((column) => column !== -1);
    if (first === -1) continue;
    for (let at = first, next = at; at < kept.length; at = next) {
      while (next < kept.length && kept[next] === kept[at]) next++;
      colIdx.push(kept[at]);
      values.push(next - at);
    }
    documents.push(text);
    rowPtr.push(colIdx.length);
  }
  const rows = documents.length;
  return {
    documents: documents.release(),
    counts: {
      rows,
      cols,
      rowPtr: rowPtr.release(),
      colIdx: colIdx.release(),
      values: new Float32Array(values.release()),
    },
  };
}

function integers(): GrowingColumn<Int32Array> {
  return new GrowingColumn(Int32Array);
}
