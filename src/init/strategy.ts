import type { Csr } from '../data/csr.ts';
import type { Descriptors, Resolved } from '../options/descriptor.ts';
import type { Runtime } from '../runtime/load.ts';
import type { Turns } from '../runtime/turns.ts';

/**
 * What a strategy makes rows from.
 *
 * @example
 * const zeros = ({ interactions, dim }: StrategyContext) => ({
 *   rows: new Float32Array(interactions.cols * dim),
 *   dim,
 * });
 */
export interface StrategyContext<Options extends Descriptors = Descriptors> {
  /** Columns wanted, K. */
  readonly dim: number;
  /** Whether exactly `dim` columns must come back; otherwise as many as the vectors allow, up to `dim`. */
  readonly exact: boolean;
  /** Columns of the vectors, N; 0 without vectors. */
  readonly width: number;
  /** Dense present.length × width, the caller's to overwrite: normalised unless `normalize` is false. */
  readonly vectors: Float32Array;
  /** The items to make rows for, ascending: those with a vector other than zeros; all of them without vectors. */
  readonly present: readonly number[];
  /** users × items of the training interactions. */
  readonly interactions: Csr;
  readonly seed: number;
  /** The strategy's own options, checked and with their defaults. */
  readonly options: Resolved<Options>;
  readonly runtime: Runtime;
  /** Gives the event loop its turns in what takes long, and stops it when aborted. */
  readonly turns: Turns;
}

/**
 * Rows of the items in `present`, before they are scaled.
 *
 * @example
 * const made: ItemRows = { rows: new Float32Array(40 * 8), dim: 8 };
 */
export interface ItemRows {
  /** Dense present.length × dim. */
  readonly rows: Float32Array;
  readonly dim: number;
  /** The columns kept, ascending, where columns of the vectors are kept as they are. */
  readonly columns?: Int32Array;
  /** Share of the vectors' variance that the rows keep, where they span a subspace. */
  readonly varianceKept?: number;
  /** Columns, from the first, that training leaves as they are. */
  readonly frozenColumns?: number;
  /** What makes the items' rows a trained map of their vectors, in the order of `present`, instead of a table. */
  readonly adapter?: AdapterStart;
}

/**
 * A map of text vectors to begin with; what `fit` takes as `adapter`.
 *
 * @example
 * const { adapter } = await initialize(split.train, embeddings, { strategy: 'adapter', dim: 8 });
 * const start: AdapterStart = adapter!;
 * start.width === embeddings.width; // → true
 */
export interface AdapterStart {
  /** [width] Mean of the vectors, which was taken off before their rows got norm 1 again; new vectors take the same way. */
  readonly center?: Float32Array;
  /** Dense items × width: centred vectors of norm 1; zeros where an item has none. */
  readonly features: Float32Array;
  /** Dense users × width: the mean of the features of a user's items, where users' rows are mapped, too. */
  readonly userFeatures?: Float32Array;
  readonly width: number;
  /** Dense dim × width: the map to the principal coordinates, with rows of mean norm 1. */
  readonly start: Float32Array;
  /** 1: x W. 2: x W + relu(x W₁) W₂. */
  readonly layers?: 1 | 2;
  /** Of W₁. */
  readonly seed?: number;
}

/**
 * A way to fill E⁽⁰⁾. One of a caller's own can be passed to `initialize` as an object. Its rows must be the same bytes
 * for the same context.
 *
 * @example
 * const ones: InitStrategy = {
 *   name: 'ones',
 *   needsVectors: false,
 *   options: {},
 *   rows: ({ interactions, dim }) => ({ rows: new Float32Array(interactions.cols * dim).fill(1), dim }),
 * };
 * const tables = await initialize(split.train, null, { strategy: ones, dim: 4 });
 */
export interface InitStrategy<Name extends string = string, Options extends Descriptors = Descriptors> {
  readonly name: Name;
  /** Other names by which it is known, e.g. in the code of a paper. */
  readonly synonyms?: readonly string[];
  /** In a few words, for help texts. */
  readonly about?: string;
  /** Whether it reads text vectors. */
  readonly needsVectors: boolean;
  /** Options that it reads beside those of every strategy. */
  readonly options: Options;
  /** Mean norm that the rows get where the caller gives no `scale`; undefined leaves them as they are. */
  readonly scale?: number;
  /**
   * Refuses, before any work, a number of columns that vectors of such a width for so many items cannot give.
   * @throws {OptionError}
   */
  checkDim?(dim: number, width: number, items: number): void;
  /** Columns where the caller gives no `dim`. Default 128. */
  defaultDim?(width: number): number;
  rows(context: StrategyContext<Options>): ItemRows | Promise<ItemRows>;
  /** User rows of its own, dense numUsers × dim; without it they are pooled from the rows of the users' items. */
  userRows?(context: StrategyContext<Options>): Float32Array;
}

/** A strategy as it stands, with the types of its name and options. */
export function strategy<const Name extends string, Options extends Descriptors>(
  entry: InitStrategy<Name, Options>,
): InitStrategy<Name, Options> {
  return entry;
}
