import { DataError, ShapeError, shown } from '../../errors.ts';
import { findDuplicate } from '../../format/stringTable.ts';
import { checkArgument, TEXTS } from '../../options/arguments.ts';
import { integer, oneOf } from '../../options/builders.ts';
import { progressOption, SIGNAL } from '../../options/kinds.ts';
import { resolveOptions } from '../../options/resolve.ts';
import type { Runtime } from '../../runtime/load.ts';
import { RUNTIME } from '../../runtime/option.ts';
import { Turns } from '../../runtime/turns.ts';
import type { StepProgress } from '../embedder.ts';
import { Embeddings } from '../embeddings.ts';
import { fitLexical, memberVectors } from './fit.ts';
import { SEGMENTATIONS, SUBWORDS, type TermOptions } from './terms.ts';
import { NOISE } from './transform.ts';
import { countTerms, type TermCounts } from './vocabulary.ts';

/**
 * Options of `lexicalEmbeddings`.
 *
 * @example
 * const options: LexicalOptions = { dim: 8, minDocumentFrequency: 1, subwords: 'rare' };
 * const { embeddings } = await lexicalEmbeddings(itemIds, texts, options);
 */
export interface LexicalOptions extends TermOptions {
  /** Columns of the vectors. Default 256: room for selecting 128 of them, the paper's dim. */
  readonly dim?: number;
  /**
   * Terms that fewer texts have are left out. Default 2: a term of one text relates it to no other; 1 where no two
   * texts share a term.
   */
  readonly minDocumentFrequency?: number;
  /** Of the SVD's random start. Default 2020, as RecBole. */
  readonly seed?: number;
  /** The kernels. Default: `await load()`. */
  readonly runtime?: Runtime;
  /** Stops the work; heard every 50 ms. */
  readonly signal?: AbortSignal;
  /** Called after every step of the SVD. */
  readonly onProgress?: (progress: StepProgress) => void;
}

/**
 * What `lexicalEmbeddings` gives.
 *
 * @example
 * const { embeddings, missing, vocabularySize }: LexicalEmbeddings = await lexicalEmbeddings(itemIds, texts, { dim: 8 });
 */
export interface LexicalEmbeddings {
  /**
   * The vectors of all ids but those in `missing`. `width` is `dim`, or the rank of the TF-IDF matrix if that is
   * smaller, which `source` then says; `lexical` makes the vectors of new texts, see `textTransform`.
   */
  readonly embeddings: Embeddings;
  /** Ids without a vector, in their order: no term of their text stands in enough texts, or all fell to the SVD. */
  readonly missing: readonly string[];
  /** Distinct terms in use. */
  readonly vocabularySize: number;
}

/**
 * The lexical embeddings of `texts`, from nothing but these texts: the rows of their TF-IDF matrix (see `countTerms`)
 * in the coordinates of its leading right singular vectors, not centred, in order of descending singular value. They
 * know which words texts share, not what words mean. Same texts, options and seed: same bytes.
 *
 * @param ids one per text, distinct
 * @throws {OptionError} an option out of range
 * @throws {ShapeError} another number of ids than of texts
 * @throws {DataError} no ids, an empty or repeated id; no text with a letter or digit, or, where
 *   `minDocumentFrequency` is given, with a term of so many texts
 * @throws {BudgetError} when the job does not fit the runtime's memory
 * @example
 * const { embeddings, missing } = await lexicalEmbeddings(itemIds, texts, { dim: 8 });
 * embeddings.width; // → 8
 */
export async function lexicalEmbeddings(
  ids: readonly string[],
  texts: readonly string[],
  options: LexicalOptions = {},
): Promise<LexicalEmbeddings> {
  const resolved = resolveOptions(LEXICAL_OPTIONS, options, 'lexicalEmbeddings');
  checkArgument(TEXTS, ids, 'ids', 'lexicalEmbeddings');
  checkArgument(TEXTS, texts, 'texts', 'lexicalEmbeddings');
  checkIds(ids, texts);
  const turns = new Turns(resolved.signal);
  await turns.offer();
  const terms = await sharedTerms(texts, resolved, turns);
  await turns.offer();
  const model = await fitLexical(terms, resolved);
  const { vectors, rows } = withoutNoise(await memberVectors(model, turns), model.width);
  const documents = new Set(rows.map((row) => terms.documents[row]));
  return {
    embeddings: new Embeddings({
      ids: ids.filter((_, n) => documents.has(n)),
      width: model.width,
      vectors,
      source:
        model.width < resolved.dim
          ? `lexical (width ${model.width} of ${resolved.dim}: the texts' rank)`
          : 'lexical',
      lexical: model,
    }),
    missing: ids.filter((_, n) => !documents.has(n)),
    vocabularySize: terms.vocabulary.length,
  };
}

/** The rows in which something is left of the text, moved to the front, and which they are. */
function withoutNoise(vectors: Float32Array, width: number): { vectors: Float32Array; rows: number[] } {
  const rows: number[] = [];
  for (let row = 0; row * width < vectors.length; row++) {
    let squares = 0;
    for (let at = row * width; at < (row + 1) * width; at++) squares += vectors[at] * vectors[at];
    if (squares <= NOISE * NOISE) continue;
    vectors.copyWithin(rows.length * width, row * width, (row + 1) * width);
    rows.push(row);
  }
  return { vectors: vectors.slice(0, rows.length * width), rows };
}

async function sharedTerms(
  texts: readonly string[],
  options: LexicalOptions,
  turns: Turns,
): Promise<TermCounts> {
  const { minDocumentFrequency } = options;
  let terms = await countTerms(texts, minDocumentFrequency ?? 2, options, turns);
  if (minDocumentFrequency === undefined && areAlike(terms))
    terms = await countTerms(texts, 1, options, turns);
  if (terms.counts.rows > 0) return terms;
  if (minDocumentFrequency === undefined) {
    const problem = `expected texts with letters or digits, found none in ${texts.length} texts`;
    throw new DataError('lexicalEmbeddings', problem, 'Pass the texts of the items');
  }
  throw new DataError(
    'lexicalEmbeddings',
    `expected terms that stand in at least ${minDocumentFrequency} texts, found none in ${texts.length} texts`,
    'Leave minDocumentFrequency out, or pass more or longer texts',
  );
}

/** Whether all texts with a term have the same terms, as few and short texts may that share some words. */
function areAlike({ counts: { rows, rowPtr, colIdx, values } }: TermCounts): boolean {
  const length = rows === 0 ? 0 : rowPtr[1];
  for (let n = 0; n < rowPtr[rows]; n++)
    if (colIdx[n] !== colIdx[n % length] || values[n] !== values[n % length]) return false;
  return rowPtr.every((start, row) => start === row * length);
}

/** Every option of `lexicalEmbeddings`. */
export const LEXICAL_OPTIONS = {
  dim: integer({ about: 'columns of the vectors', min: 1, default: 256 }),
  minDocumentFrequency: integer({
    ...{ about: 'texts that a term must stand in', min: 1 },
    defaultText: '2, or 1 where no two texts share a term',
  }),
  seed: integer({ about: "of the SVD's random start", min: 0, default: 2020, source: 'RecBole' }),
  subwords: oneOf(SUBWORDS, { about: 'which words are known by their parts too', default: 'rare' }),
  segmentation: oneOf(SEGMENTATIONS, {
    about: 'how scripts without spaces are cut',
    default: 'characters',
  }),
  runtime: RUNTIME,
  signal: SIGNAL,
  onProgress: progressOption<StepProgress>(),
};

function checkIds(ids: readonly string[], texts: readonly string[]): void {
  const where = 'lexicalEmbeddings';
  if (ids.length !== texts.length) {
    const problem = `expected ${texts.length} ids, received ${ids.length}`;
    throw new ShapeError(where, problem, 'Pass one id per text');
  }
  if (ids.length === 0)
    throw new DataError(where, 'expected at least one text, received none', 'Pass some texts');
  const empty = ids.indexOf('');
  if (empty >= 0)
    throw new DataError(where, `expected ids, received an empty one at position ${empty}`, 'Name every text');
  const pair = findDuplicate(ids);
  if (pair) {
    const problem = `expected distinct ids, received ${shown(ids[pair[0]])} at positions ${pair[0]} and ${pair[1]}`;
    throw new DataError(where, problem, 'Keep one text per id');
  }
}
