import type { ItemCodes } from '../data/itemCodes.ts';
import { DataError, ShapeError } from '../errors.ts';
import { firstNonFinite } from '../format/finite.ts';
import { kMeans, nearestCentres, nearestRoom } from '../linalg/kMeans.ts';
import { checkArgument, FLOAT32, TEXT, TEXTS } from '../options/arguments.ts';
import { integer } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';
import { SIGNAL } from '../options/kinds.ts';
import { resolveOptions } from '../options/resolve.ts';
import type { Matrix } from '../runtime/buffers.ts';
import { load, type Runtime } from '../runtime/load.ts';
import { RUNTIME } from '../runtime/option.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { type CollisionReport, type LevelReport, levelReport, toldApart } from './codeReport.ts';
import { checkIsEmbeddings, type Embeddings } from './embeddings.ts';

/**
 * How items get codes.
 *
 * @example
 * const options: SemanticIdOptions = { levels: 3, size: 8, seed: 1 };
 * const codes = await semanticIds(embeddings, options);
 */
export interface SemanticIdOptions {
  /** Codes of an item, from the coarsest on. Default 3. */
  readonly levels?: number;
  /** Codes of a level, at most. Default 256. */
  readonly size?: number;
  /** Rounds of k-means at each level, at most. Default 25. */
  readonly iterations?: number;
  /** Of the rows that k-means starts from. Default 2020. */
  readonly seed?: number;
  readonly runtime?: Runtime;
  readonly signal?: AbortSignal;
}

/** Every option of `semanticIds`. */
export const SEMANTIC_ID_OPTIONS = {
  levels: integer({ about: 'codes of an item', flag: '--levels <n>', min: 1, max: 16, default: 3 }),
  size: integer({ about: 'codes of a level, at most', flag: '--size <n>', min: 2, max: 65536, default: 256 }),
  iterations: integer({ about: 'rounds of k-means at each level, at most', min: 1, default: 25 }),
  seed: integer({ about: 'of the rows that k-means starts from', min: 0, default: 2020 }),
  runtime: RUNTIME,
  signal: SIGNAL,
} satisfies DescriptorsOf<SemanticIdOptions>;

/**
 * Codes of items by their vectors: items with a prefix in common are alike.
 *
 * @example
 * const codes: SemanticIds = await semanticIds(embeddings, { levels: 2, size: 4, runtime });
 * codes.codesOf('i1').length; // → 3
 */
export class SemanticIds {
  readonly ids: readonly string[];
  readonly width: number;
  /** Levels, without the code that tells equal ones apart. */
  readonly levels: number;
  /** [ids × (levels + 1)]: the codes of each item, and behind them its place among the items of the same codes. */
  readonly codes: Int32Array;
  /** Of each level [size × width]: the sum of an item's rows is about its vector. */
  readonly codebooks: readonly Float32Array[];
  readonly report: readonly LevelReport[];
  readonly collisions: CollisionReport;
  readonly #runtime: Runtime;
  #places: ReadonlyMap<string, number> | null = null;

  /** @internal `semanticIds` makes these. */
  constructor(
    { ids, width }: Pick<Embeddings, 'ids' | 'width'>,
    levelCodes: readonly Int32Array[],
    codebooks: readonly Float32Array[],
    report: readonly LevelReport[],
    runtime: Runtime,
  ) {
    this.ids = ids;
    this.width = width;
    this.levels = codebooks.length;
    this.codebooks = codebooks;
    this.report = report;
    this.#runtime = runtime;
    const { codes, collisions } = toldApart(levelCodes, ids.length);
    this.codes = codes;
    this.collisions = collisions;
  }

  /** The codes of an item, the last of which tells equal ones apart. @throws {DataError} for an id without a vector */
  codesOf(id: string): Int32Array {
    checkArgument(TEXT, id, 'id', 'SemanticIds.codesOf');
    const at = this.#placeOf(id);
    if (at !== undefined) return this.codes.slice(at * (this.levels + 1), (at + 1) * (this.levels + 1));
    throw new DataError('SemanticIds', `expected an id with a vector, received ${id}`, 'Pass one of ids');
  }

  /**
   * The codes of some items, no two the same, for `fit` of `tiger`. Items without a vector share codes of their own.
   * @throws {OptionError} for what are no ids
   */
  itemCodes(itemIds: readonly string[]): ItemCodes {
    checkArgument(TEXTS, itemIds, 'itemIds', 'SemanticIds.itemCodes');
    const { levels, codes, codebooks, width } = this;
    const own = Array.from({ length: levels }, (_, level) =>
      Int32Array.from(itemIds, (id) => {
        const at = this.#placeOf(id);
        if (at !== undefined) return codes[at * (levels + 1) + level];
        return level === 0 ? codebooks[0].length / width : 0;
      }),
    );
    return { columns: levels + 1, values: toldApart(own, itemIds.length).codes };
  }

  #placeOf(id: string): number | undefined {
    this.#places ??= new Map(this.ids.map((own, at) => [own, at]));
    return this.#places.get(id);
  }

  /**
   * The codes of vectors of the same embedder, such as those of new items, level by level: [rows × levels].
   * @param vectors dense rows × width
   * @throws {OptionError} for what are no vectors
   * @throws {ShapeError} unless they are whole rows
   * @throws {DataError} on NaN or Inf
   */
  encode(vectors: Float32Array): Int32Array {
    checkArgument(FLOAT32, vectors, 'vectors', 'SemanticIds.encode');
    const { width, levels } = this;
    if (vectors.length % width !== 0) {
      const problem = `expected rows of ${width} values, received ${vectors.length} values`;
      throw new ShapeError('SemanticIds.encode', problem, 'Pass vectors of the same embedder');
    }
    const at = firstNonFinite(vectors);
    if (at >= 0)
      throw new DataError(
        'SemanticIds.encode',
        `expected finite vectors, received ${vectors[at]}`,
        'Mend them',
      );
    const rows = vectors.length / width;
    const codes = new Int32Array(rows * levels);
    const centres = this.codebooks.map((table) => table.length / width);
    const layout = (workspace: Workspace) => layOut(workspace, rows, width, Math.max(...centres));
    return this.#runtime.use('SemanticIds.encode', layout, (left, workspace) => {
      left.write(vectors);
      for (const [level, centres] of this.codebooks.entries()) {
        const own = nearestCentres(workspace, left, centres).codes;
        subtract(left, centres, own);
        for (const [row, code] of own.entries()) codes[row * levels + level] = code;
      }
      return codes;
    });
  }
}

/**
 * Short codes for items by residual k-means of their vectors: level by level the nearest of `size` centres, of what the levels
 * before leave over (RQ-k-means; the codes of TIGER, Rajput et al. 2023, without its auto-encoder). Unlike learned codebooks it
 * cannot collapse: a centre that is nearest to nothing is moved. Same vectors, options and seed: same bytes.
 *
 *     const ids = await semanticIds(embeddings);
 *     ids.codesOf('B00004U9JP'); // e.g. [17, 203, 5, 0]
 *     ids.encode(vectorsOfNewItems);
 *
 * @throws {OptionError} for what are no embeddings, and options out of range
 * @throws the signal's reason once it is aborted
 * @example
 * const codes = await semanticIds(embeddings, { levels: 2, size: 4, runtime });
 * const [coarse, fine] = codes.codesOf('i1');
 */
export async function semanticIds(
  embeddings: Embeddings,
  options: SemanticIdOptions = {},
): Promise<SemanticIds> {
  checkIsEmbeddings(embeddings, 'semanticIds');
  const { levels, size, iterations, seed, signal, ...given } = resolveOptions(
    SEMANTIC_ID_OPTIONS,
    options,
    'semanticIds',
  );
  const runtime = given.runtime ?? (await load());
  const { ids, width, vectors } = embeddings;
  const layout = (workspace: Workspace) => layOut(workspace, ids.length, width, Math.min(size, ids.length));
  return runtime.use('semanticIds', layout, async (left, workspace) => {
    left.write(vectors);
    const whole = squaredSum(left);
    const codes: Int32Array[] = [];
    const codebooks: Float32Array[] = [];
    const report: LevelReport[] = [];
    for (let level = 0; level < levels; level++) {
      const found = await kMeans(workspace, left, { size, iterations, seed, round: level, signal });
      subtract(left, found.centres, found.codes);
      codes.push(found.codes);
      codebooks.push(found.centres);
      report.push(levelReport(found.codes, found.centres.length / width, squaredSum(left) / (whole || 1)));
    }
    return new SemanticIds(embeddings, codes, codebooks, report, runtime);
  });
}

/** The rows, and what looks for the nearest of so many centres. */
function layOut(workspace: Workspace, rows: number, width: number, centres: number): Matrix {
  const left = workspace.matrix(rows, width);
  nearestRoom(workspace, left, centres);
  return left;
}

/** rows ← rows − their centres. */
function subtract({ view, stride, dim }: Matrix, centres: Float32Array, codes: Int32Array): void {
  for (const [row, code] of codes.entries())
    for (let k = 0; k < dim; k++) view[row * stride + k] -= centres[code * dim + k];
}

function squaredSum({ view }: Matrix): number {
  let sum = 0;
  for (const value of view) sum += value * value;
  return sum;
}
