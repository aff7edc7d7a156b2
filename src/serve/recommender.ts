import { DataError, OptionError, shown } from '../errors.ts';
import { resolveOptions } from '../options/resolve.ts';
import type { ExclusionMask } from '../rank/masks.ts';
import { Ranker, rankerBytes } from '../rank/ranker.ts';
import { load, type Runtime } from '../runtime/load.ts';
import { RUNTIME } from '../runtime/option.ts';
import { tableBytes } from '../runtime/workspace.ts';
import { foldIn } from './foldIn.ts';
import type { ModelData } from './modelFile/data.ts';
import { decodeModel } from './modelFile/decode.ts';
import { RECOMMEND_OPTIONS, SIMILAR_OPTIONS } from './recommendOptions.ts';

/** One recommended item. */
export interface Recommendation {
  readonly id: string;
  /** null when the model has no titles. */
  readonly title: string | null;
  /** Inner product of the user's and the item's final rows; only its order means something. */
  readonly score: number;
}

/** How many items are returned, and which of them may be. */
export interface RecommendOptions {
  /** How many items, at most. Default 10. Fewer come back only when fewer are left. */
  readonly k?: number;
  /** Items never to return. */
  readonly exclude?: readonly string[];
  /** The only items that may be returned. */
  readonly only?: readonly string[];
  /** Allow items that the user has already. Default false. */
  readonly includeSeen?: boolean;
}

/**
 * Recommends from a trained model, without its training data. Rankings are exact; filters are applied before ranking,
 * so that k items come back as long as k are left. Ties go to the item that stands first in the model.
 */
export class Recommender {
  readonly model: ModelData;
  readonly #runtime: Runtime;
  readonly #ranker: Ranker;
  /** Ranks by cosine; made at the first call of `similarItems`. */
  #cosines: Ranker | null = null;
  /** Ranks by popularity; made at the first call of `popularItems`. */
  #popularity: Ranker | null = null;
  readonly #users: ReadonlyMap<string, number>;
  readonly #items: ReadonlyMap<string, number>;

  /**
   * @throws {OptionError} when they are no model and no runtime
   * @throws {BudgetError} when the item table does not fit the runtime's memory limit
   */
  constructor(model: ModelData, runtime: Runtime) {
    if (!Array.isArray(model?.itemIds)) {
      const problem = `expected a model, received ${shown(model)}`;
      throw new OptionError('Recommender', problem, 'Pass what modelFrom or decodeModel gives');
    }
    RUNTIME.check(runtime, 'runtime', 'Recommender');
    this.model = model;
    this.#runtime = runtime;
    this.#ranker = this.#openRanker(model.itemFactors, model.dim, 'Recommender');
    this.#users = indexOf(model.userIds);
    this.#items = indexOf(model.itemIds);
  }

  /**
   * Opens a model file.
   * @param name stands in error messages
   * @throws {FormatError} when the bytes are not an intact model file
   * @throws {OptionError} when they are no bytes
   */
  static async open(
    bytes: Uint8Array | ArrayBuffer,
    name = 'model',
    runtime?: Runtime,
  ): Promise<Recommender> {
    if (!(bytes instanceof Uint8Array || bytes instanceof ArrayBuffer)) {
      const problem = `expected the model file's bytes, received ${shown(bytes)}`;
      throw new OptionError('Recommender.open', problem, 'Pass a Uint8Array or an ArrayBuffer');
    }
    const view = bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes;
    return new Recommender(decodeModel(view, name), runtime ?? (await load()));
  }

  /**
   * Items for a user of the model, best first.
   * @throws {DataError} when the model does not know the user, or a listed item
   * @throws {OptionError} unless k is an integer ≥ 1, and on an unknown option
   */
  recommend(userId: string, options: RecommendOptions = {}): Recommendation[] {
    const wanted = resolveOptions(RECOMMEND_OPTIONS, options, 'recommend');
    const user = this.#userIndex(userId);
    const { seen } = this.model;
    const known = seen ? seen.colIdx.subarray(seen.rowPtr[user], seen.rowPtr[user + 1]) : [];
    return this.#rank(this.#ranker, this.#userRow(user), wanted.includeSeen ? [] : known, wanted);
  }

  /**
   * Items for anyone with a history: a new user, or one whose history has grown. See `foldIn` for the row.
   * @param history item ids, in any order; repeats count once
   * @throws {DataError} when the history is empty or names an item that the model does not know
   * @throws {OptionError} unless k is an integer ≥ 1, and on an unknown option
   */
  recommendFor(history: readonly string[], options: RecommendOptions = {}): Recommendation[] {
    const wanted = resolveOptions(RECOMMEND_OPTIONS, options, 'recommendFor');
    const items = [...new Set(this.#itemIndices('recommendFor', history))].sort((a, b) => a - b);
    if (items.length === 0) {
      throw new DataError(
        'recommendFor',
        'expected at least one item in the history, received none',
        'Pass item ids',
      );
    }
    return this.#rank(this.#ranker, foldIn(this.model, items), wanted.includeSeen ? [] : items, wanted);
  }

  /**
   * The items closest to an item by the cosine of their final rows, the item itself left out; `score` is the cosine.
   * @throws {DataError} when the model does not know the item
   */
  similarItems(itemId: string, options: Omit<RecommendOptions, 'includeSeen'> = {}): Recommendation[] {
    const wanted = resolveOptions(SIMILAR_OPTIONS, options, 'similarItems');
    const [item] = this.#itemIndices('similarItems', [itemId]);
    const { dim, itemFactors } = this.model;
    this.#cosines ??= this.#openRanker(normalizedRows(itemFactors, dim), dim, 'similarItems');
    const row = normalizedRows(itemFactors.subarray(item * dim, (item + 1) * dim), dim);
    return this.#rank(this.#cosines, row, [item], wanted);
  }

  /**
   * The items with the most training interactions, for someone without any history; `score` is that number.
   * @throws {DataError} when a listed item is not in the model
   */
  popularItems(options: Omit<RecommendOptions, 'includeSeen'> = {}): Recommendation[] {
    const wanted = resolveOptions(SIMILAR_OPTIONS, options, 'popularItems');
    this.#popularity ??= this.#openRanker(Float32Array.from(this.model.itemDegrees), 1, 'popularItems');
    return this.#rank(this.#popularity, Float32Array.of(1), [], wanted);
  }

  /** Inner product of a user's and an item's final rows. @throws {DataError} when the model does not know them */
  score(userId: string, itemId: string): number {
    const user = this.#userRow(this.#userIndex(userId));
    const [item] = this.#itemIndices('score', [itemId]);
    const { dim, itemFactors } = this.model;
    let sum = 0;
    // The kernels' order and rounding, so that this is the score that `recommend` returns.
    for (let c = 0; c < dim; c++) sum = Math.fround(sum + Math.fround(user[c] * itemFactors[item * dim + c]));
    return sum;
  }

  #rank(
    ranker: Ranker,
    row: Float32Array,
    known: Iterable<number>,
    options: Pick<RecommendOptions, 'exclude' | 'only'> & { readonly k: number },
  ): Recommendation[] {
    const exclude = this.#itemIndices('exclude', options.exclude ?? []);
    const only = options.only && this.#itemIndices('only', options.only);
    const { itemIds, itemTitles } = this.model;
    const mask = (_: number, excluded: ExclusionMask) => {
      if (only) excluded.restrictTo(only);
      excluded.exclude(known);
      excluded.exclude(exclude);
    };
    let result: Recommendation[] = [];
    ranker.rank(
      1,
      options.k,
      () => row,
      mask,
      (_, { items, scores }) => {
        result = Array.from(items, (item, place) => ({
          id: itemIds[item],
          title: itemTitles?.[item] ?? null,
          score: scores[place],
        }));
      },
    );
    return result;
  }

  #openRanker(rows: Float32Array, dim: number, job: string): Ranker {
    const { itemIds } = this.model;
    const workspace = this.#runtime.open(
      tableBytes(itemIds.length, dim) + rankerBytes(itemIds.length, dim, 10, 'one'),
      job,
    );
    const ranker = new Ranker(workspace, itemIds.length, dim, 'one');
    ranker.setItems(workspace.matrixFrom(rows, itemIds.length, dim));
    return ranker;
  }

  #userIndex(userId: string): number {
    const user = this.#users.get(userId);
    if (user !== undefined) return user;
    throw new DataError(
      'recommend',
      `expected one of the model's ${this.#users.size} users, received ${shown(userId)}`,
      'For a new user pass a history of items',
    );
  }

  #userRow(user: number): Float32Array {
    const { dim, userFactors, seen } = this.model;
    if (userFactors) return userFactors.subarray(user * dim, (user + 1) * dim);
    if (seen) return foldIn(this.model, [...seen.colIdx.subarray(seen.rowPtr[user], seen.rowPtr[user + 1])]);
    throw new OptionError(
      'recommend',
      'expected user factors or histories, received a model with neither',
      'Use recommendFor with a history, or save the model with its users',
    );
  }

  #itemIndices(where: string, ids: readonly string[]): number[] {
    if (!Array.isArray(ids)) {
      throw new OptionError(
        where,
        `expected a list of item ids, received ${shown(ids)}`,
        "Pass e.g. ['i7', 'i9']",
      );
    }
    return ids.map((id) => {
      const item = this.#items.get(id);
      if (item !== undefined) return item;
      throw new DataError(
        where,
        `expected items of the model (${this.#items.size} of them), received ${shown(id)}`,
        'Leave unknown items out, or train again with them',
      );
    });
  }
}

function indexOf(ids: readonly string[]): ReadonlyMap<string, number> {
  return new Map(ids.map((id, index) => [id, index]));
}

/** Dense rows divided by their L2 norms; zero rows stay. */
function normalizedRows(rows: Float32Array, dim: number): Float32Array {
  const result = new Float32Array(rows.length);
  for (let first = 0; first < rows.length; first += dim) {
    let squares = 0;
    for (let c = first; c < first + dim; c++) squares += rows[c] * rows[c];
    const norm = Math.sqrt(squares) || 1;
    for (let c = first; c < first + dim; c++) result[c] = rows[c] / norm;
  }
  return result;
}
