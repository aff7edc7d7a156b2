import { type Csr, transpose } from '../data/csr.ts';
import { DataError, OptionError, ShapeError, shown } from '../errors.ts';
import { findDuplicate } from '../format/stringTable.ts';
import { log } from '../kernels/math.ts';
import {
  randomizedSvd,
  randomizedSvdBytes,
  type SvdProgress,
  sparseOperator,
  type TruncatedSvd,
} from '../linalg/randomizedSvd.ts';
import { load, type Runtime } from '../runtime/load.ts';
import { seedWords } from '../runtime/random.ts';
import { csrBytes } from '../runtime/workspace.ts';
import type { EmbedderDescriptor } from './descriptor.ts';
import type { Embedder } from './embedder.ts';
import { Embeddings } from './embeddings.ts';
import { embedderOf } from './fileEmbedder.ts';
import { termMatrix } from './tfidf.ts';

/** A row with less than this share of its TF-IDF row's length has lost all its terms. */
const NOISE = 1e-4;

/** Options of `lexicalEmbeddings`. */
export interface LexicalOptions {
  /** Columns of the vectors. Default 256: room for selecting 128 of them, the paper's dim. */
  readonly dim?: number;
  /** Terms that fewer texts have are left out. Default 2: a term of one text relates it to no other. */
  readonly minDocumentFrequency?: number;
  /** Of the SVD's random start. Default 2020, as RecBole. */
  readonly seed?: number;
  /** The kernels. Default: `await load()`. */
  readonly runtime?: Runtime;
  /** Checked before every step of the SVD. */
  readonly signal?: AbortSignal;
  /** Called after every step of the SVD. */
  readonly onProgress?: (progress: SvdProgress) => void;
}

/** What `lexicalEmbeddings` makes: the vectors, and which items have none. */
export interface LexicalEmbeddings {
  /**
   * The vectors of all ids but those in `missing`. `width` is `dim`, or the rank of the TF-IDF matrix if that is
   * smaller, which `source` then says.
   */
  readonly embeddings: Embeddings;
  /** Ids without a vector, in their order: no term of their text stands in enough texts, or all fell to the SVD. */
  readonly missing: readonly string[];
  /** Distinct terms in use. */
  readonly vocabularySize: number;
}

/**
 * The lexical embeddings of `texts`, from nothing but these texts: the principal coordinates U Σ of the rows of
 * their TF-IDF matrix over unigrams and bigrams (see `termMatrix`), not centred, in order of descending singular
 * value. They know which words texts share, not what words mean. Same texts, options and seed: same bytes.
 *
 * @param ids one per text, distinct
 * @throws {OptionError} dim or minDocumentFrequency that is no integer of at least 1, or an invalid seed
 * @throws {ShapeError} another number of ids than of texts
 * @throws {DataError} no ids, an empty or repeated id, or no text with a term in `minDocumentFrequency` texts
 * @throws {BudgetError} when the job does not fit the runtime's memory
 */
export async function lexicalEmbeddings(
  ids: readonly string[],
  texts: readonly string[],
  options: LexicalOptions = {},
): Promise<LexicalEmbeddings> {
  const { dim = 256, minDocumentFrequency = 2 } = options;
  checkArguments(ids, texts, { ...options, dim, minDocumentFrequency });
  const runtime = options.runtime ?? (await load());
  const { matrix, documents, vocabulary } = termMatrix(texts, minDocumentFrequency, logarithms(runtime));
  if (matrix.rows === 0) {
    throw new DataError(
      'lexicalEmbeddings',
      `expected terms that stand in at least ${minDocumentFrequency} texts, found none in ${texts.length} texts`,
      'Lower minDocumentFrequency to 1, or pass more or longer texts',
    );
  }
  const svd = await decompose(runtime, matrix, dim, options);
  const { rows, vectors } = coordinates(svd, documents);
  const present = new Set(rows);
  return {
    embeddings: new Embeddings({
      ids: rows.map((row) => ids[row]),
      width: svd.rank,
      vectors,
      source: svd.rank < dim ? `lexical (width ${svd.rank} of ${dim}: the texts' rank)` : 'lexical',
    }),
    missing: ids.filter((_, row) => !present.has(row)),
    vocabularySize: vocabulary.length,
  };
}

/** Vectors from nothing but the texts themselves. */
export const lexical: EmbedderDescriptor = {
  name: 'lexical',
  written: 'lexical',
  settings: ['lexicalDim'],
  readsTexts: true,
  cacheable: false,
  weight: 1,
  matches: (what) => what === 'lexical',
  check() {},
  create: async (_, { lexicalDim: dim }, { runtime }) => lexicalEmbedder({ dim, runtime }),
};

/** The lexical embeddings of a whole catalogue, see `lexicalEmbeddings`; a text without a known term gets no vector. */
export function lexicalEmbedder(options: Omit<LexicalOptions, 'signal' | 'onProgress'> = {}): Embedder {
  return {
    id: 'lexical',
    dependsOn: 'catalogue',
    async embed(texts, { signal, onProgress } = {}) {
      const positions = texts.map((_, n) => String(n));
      const { embeddings } = await lexicalEmbeddings(positions, texts, { ...options, signal, onProgress });
      return embedderOf(embeddings).embed(texts);
    },
  };
}

function decompose(
  runtime: Runtime,
  matrix: Csr,
  dim: number,
  options: LexicalOptions,
): Promise<TruncatedSvd> {
  const { rows, cols, colIdx } = matrix;
  const bytes =
    csrBytes(rows, colIdx.length) + csrBytes(cols, colIdx.length) + randomizedSvdBytes(matrix, dim);
  const workspace = runtime.open(bytes, 'lexicalEmbeddings');
  const operator = sparseOperator(workspace, workspace.csr(matrix), workspace.csr(transpose(matrix)));
  const { seed, signal, onProgress } = options;
  return randomizedSvd(workspace, operator, { rank: dim, seed, signal, onProgress });
}

/** U Σ without the rows that are rounding errors, which would pass for directions once they are normalised. */
function coordinates(svd: TruncatedSvd, documents: Int32Array): { rows: number[]; vectors: Float32Array } {
  const { rank, singularValues } = svd;
  const vectors = svd.readLeft().map((value, at) => value * singularValues[at % rank]);
  const rows: number[] = [];
  for (const [n, document] of documents.entries()) {
    const vector = vectors.subarray(n * rank, (n + 1) * rank);
    const squaredNorm = vector.reduce((sum, value) => sum + value * value, 0);
    if (squaredNorm <= NOISE * NOISE) continue;
    vectors.set(vector, rows.length * rank);
    rows.push(document);
  }
  return { rows, vectors: vectors.slice(0, rows.length * rank) };
}

function logarithms(runtime: Runtime): (x: Float32Array) => Float32Array {
  return (x) => {
    const workspace = runtime.open();
    const values = workspace.f32(x.length);
    values.view.set(x);
    log(workspace, values, values);
    return values.view.slice();
  };
}

function checkArguments(
  ids: readonly string[],
  texts: readonly string[],
  options: { dim: number; minDocumentFrequency: number; seed?: number },
): void {
  const where = 'lexicalEmbeddings';
  for (const name of ['dim', 'minDocumentFrequency'] as const) {
    if (Number.isSafeInteger(options[name]) && options[name] >= 1) continue;
    const problem = `expected ${name} to be an integer of at least 1, received ${shown(options[name])}`;
    throw new OptionError(where, problem, 'Leave it out for the default');
  }
  if (options.seed !== undefined) seedWords(options.seed);
  if (ids.length !== texts.length) {
    throw new ShapeError(
      where,
      `expected ${texts.length} ids, received ${ids.length}`,
      'Pass one id per text',
    );
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
