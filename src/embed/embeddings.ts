import { DataError, OptionError, ShapeError, shown } from '../errors.ts';
import { firstNonFinite } from '../format/finite.ts';
import { findDuplicate } from '../format/stringTable.ts';
import { ARRAY, checkArgument, FLOAT32, having, NUMBER, TEXT, TEXTS } from '../options/arguments.ts';
import type { LexicalModel } from './lexical/model.ts';

/**
 * What an `Embeddings` is made of.
 *
 * @example
 * const parts: EmbeddingsParts = {
 *   ids: ['a', 'b'],
 *   width: 2,
 *   vectors: Float32Array.of(1, 0, 0, 1),
 *   source: 'by hand',
 * };
 * const embeddings = new Embeddings(parts);
 */
export interface EmbeddingsParts {
  readonly ids: readonly string[];
  readonly width: number;
  /** [ids.length × width], row-major; kept, not copied. */
  readonly vectors: Float32Array;
  /** Where they come from, for reports: `lexical`, a file name, a model name. */
  readonly source: string;
  /** What makes the vectors of new texts, for lexical vectors that kept it. Default null. */
  readonly lexical?: LexicalModel | null;
}

const PARTS = having<EmbeddingsParts>('{ ids, width, vectors, source }', {
  ...{ ids: TEXTS, width: NUMBER, vectors: FLOAT32, source: TEXT },
});
/** Whatever has the parts of embeddings: a copy of the class in another bundle will do. */
export const EMBEDDINGS = having<Embeddings>('embeddings', { ids: ARRAY, width: NUMBER, vectors: FLOAT32 });

/**
 * One finite vector per id. Immutable by convention: whoever writes to `vectors` skips the checks.
 *
 * @example
 * const embeddings = new Embeddings({
 *   ids: ['a', 'b'],
 *   width: 2,
 *   vectors: Float32Array.of(1, 0, 0, 1),
 *   source: 'by hand',
 * });
 * embeddings.ids.length; // → 2
 */
export class Embeddings implements EmbeddingsParts {
  readonly ids: readonly string[];
  readonly width: number;
  readonly vectors: Float32Array;
  readonly source: string;
  /** What makes the vectors of new texts, see `textTransform`; null for vectors that came without. */
  readonly lexical: LexicalModel | null;

  /**
   * Keeps the arrays that it is given: do not write to them.
   * @throws {OptionError} parts of another kind; a width that is no positive integer
   * @throws {ShapeError} vectors of another length than ids × width; a lexical model of another width
   * @throws {DataError} no ids, an empty or repeated id, NaN or Inf in vectors
   */
  constructor(parts: EmbeddingsParts) {
    checkArgument(PARTS, parts, 'parts', 'Embeddings');
    const { ids, width, vectors, source, lexical = null } = parts;
    if (!Number.isSafeInteger(width) || width < 1) {
      throw new OptionError(
        source,
        `expected a width of at least 1, received ${width}`,
        'Pass the vector width',
      );
    }
    if (vectors.length !== ids.length * width) {
      throw new ShapeError(
        source,
        `expected ${ids.length * width} values for ${ids.length} ids of width ${width}, received ${vectors.length}`,
        'Pass one vector per id',
      );
    }
    if (lexical && lexical.width !== width) {
      const problem = `expected a lexical model of width ${width}, received ${lexical.width}`;
      throw new ShapeError(source, problem, 'Pass the model that the vectors came from');
    }
    checkIds(ids, source);
    const at = firstNonFinite(vectors);
    if (at >= 0) {
      throw new DataError(
        source,
        `expected finite vectors, received ${vectors[at]} for id ${ids[Math.floor(at / width)]}, column ${at % width} (NaN or Inf in vectors)`,
        'Compute the vectors of this id again, or leave it out',
      );
    }
    this.ids = ids;
    this.width = width;
    this.vectors = vectors;
    this.source = source;
    this.lexical = lexical;
  }
}

/** @throws {OptionError} unless the value is `Embeddings`, by what it has: a copy of the class in another bundle will do */
export function checkIsEmbeddings(value: unknown, where: string): asserts value is Embeddings {
  if (EMBEDDINGS.is(value)) return;
  const problem = `expected embeddings, received ${shown(value)}`;
  const remedy =
    'embeddings' in { ...(value as object) }
      ? 'Pass its embeddings'
      : 'Make them with an embedder, or new Embeddings';
  throw new OptionError(where, problem, remedy);
}

/**
 * Vectors in the order of the items; the rows in `missing` are zero and stand for "no vector".
 *
 * @example
 * const { vectors, missing }: AlignedVectors = alignEmbeddings(embeddings, itemIds);
 * missing; // → []
 */
export interface AlignedVectors {
  /** [itemIds.length × width] */
  readonly vectors: Float32Array;
  /** Ascending positions in `itemIds` of the items without a vector. */
  readonly missing: readonly number[];
}

/**
 * The vectors of `itemIds`, in their order. Ids of `embeddings` that are no item are left out; items without
 * a vector are listed.
 *
 * @throws {DataError} when not one item has a vector, which means that the ids do not belong together
 * @example
 * const { vectors, missing } = alignEmbeddings(embeddings, ['i1', 'unknown']);
 * missing; // → [1]
 */
export function alignEmbeddings(embeddings: Embeddings, itemIds: readonly string[]): AlignedVectors {
  checkIsEmbeddings(embeddings, 'alignEmbeddings');
  checkArgument(TEXTS, itemIds, 'itemIds', 'alignEmbeddings');
  const { ids, width } = embeddings;
  const rows = new Map(ids.map((id, row) => [id, row]));
  const vectors = new Float32Array(itemIds.length * width);
  const missing: number[] = [];
  itemIds.forEach((id, item) => {
    const row = rows.get(id);
    if (row === undefined) missing.push(item);
    else vectors.set(embeddings.vectors.subarray(row * width, (row + 1) * width), item * width);
  });
  if (missing.length === itemIds.length) {
    throw new DataError(
      embeddings.source,
      `expected vectors for the ${itemIds.length} items (${itemIds[0] ?? 'none'} …), received vectors for ${ids.length} other ids (${ids[0]} …)`,
      'Pass embeddings whose ids are the item ids of the interactions',
    );
  }
  return { vectors, missing };
}

function checkIds(ids: readonly string[], source: string): void {
  if (ids.length === 0)
    throw new DataError(source, 'expected at least one id, received none', 'Pass some texts');
  const empty = ids.indexOf('');
  if (empty >= 0) {
    throw new DataError(
      source,
      `expected ids, received an empty one at position ${empty}`,
      'Name every vector',
    );
  }
  const pair = findDuplicate(ids);
  if (pair) {
    throw new DataError(
      source,
      `expected unique ids, received ${ids[pair[0]]} at positions ${pair[0]} and ${pair[1]}`,
      'Keep one vector per id',
    );
  }
}
