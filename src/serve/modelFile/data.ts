import type { JsonValue } from '../../format/json.ts';
import type { Tensor } from '../../format/tensor.ts';
import type { SequenceWeights } from '../../rank/sequences/weights.ts';
import type { SparseRows } from '../../rank/sparseRows.ts';

/**
 * Everything that serving needs of a trained model; no training data beyond what each person has and likes.
 *
 * @example
 * const model: ModelData = decodeModel(modelBytes, 'model.safetensors');
 * model.dim; // → 8
 */
export interface ModelData {
  readonly userIds: readonly string[];
  readonly itemIds: readonly string[];
  /** One title per item, or null where the catalogue had none. */
  readonly itemTitles: readonly string[] | null;
  /** Columns of `itemFactors`; 0 for a model without factors. */
  readonly dim: number;
  /** [numUsers × dim], or null for a model that serves histories only. */
  readonly userFactors: Float32Array | null;
  /** [numItems × dim] */
  readonly itemFactors: Float32Array;
  /** Training interactions of each item. */
  readonly itemDegrees: Int32Array;
  /** Per user the items not to recommend, ascending: all that the person ever met; null when they were not kept. */
  readonly seen: { readonly rowPtr: Int32Array; readonly colIdx: Int32Array } | null;
  /** How it was made: model, init, protocol, seed … */
  readonly config: Readonly<Record<string, JsonValue>>;
  readonly metrics: Readonly<Record<string, JsonValue>>;
  /** Bit n (n mod 8 of byte n >> 3) for entry n of `seen`: whether the person likes it. Default: all. */
  readonly liked?: Uint8Array | null;
  /** Bit per item: items that are never recommended, and of which everything else stays. Default: none. */
  readonly hidden?: Uint8Array | null;
  /** Bit per item: items that came after training, by their text or vector. Default: none. */
  readonly cold?: Uint8Array | null;
  /** Columns of the catalogue by which recommendations are filtered, by name. Default: none. */
  readonly attributes?: Attributes | null;
  /** How a file stores the factors. `f16`: all of them are f16 numbers. `int8`: as `codes` has them. Default `f32`. */
  readonly precision?: 'f32' | 'f16' | 'int8';
  /** The factors in 8 bits. With `int8` the factors are scale · code, else they are beside them, for faster rankings. */
  readonly codes?: FactorCodes | null;
  /** Sparse rows of items, what a closed form learns. Default: none. */
  readonly rows?: SparseRows | null;
  /** What takes changes into `rows` exactly, see `keptInverse`. Default: none, rows stay as training left them. */
  readonly inverse?: ItemInverse | null;
  /** One score an item, whoever asks. Default: none. */
  readonly itemScores?: Float32Array | null;
  /** Which scores are added up. Default: the factors, else the rows, else the scores of items. */
  readonly blend?: readonly BlendShare[] | null;
  /** What makes of an ordered history the row that scores items, in the place of rows of users. Default: none. */
  readonly sequence?: SequenceWeights | null;
  /** [entries of `seen`]: the place of each in its person's history, 0 for the oldest; beside `sequence`. Default: not kept. */
  readonly seenOrder?: Int32Array | null;
  /** What places new items and queries by their text. Default: none. */
  readonly text?: TextVectors | null;
  /** What makes the rows of new items from their vectors in `text`. Default: none, their neighbours' rows do. */
  readonly itemMap?: ItemMap | null;
}

/**
 * A trained map from the vector of an item's text to its row before propagation: with x = v/‖v‖ − center, again of norm 1,
 * row = linear x + outer relu(inner x).
 *
 * @example
 * const itemMap: ItemMap = { center: new Float32Array(3), linear: Float32Array.of(1, 0, 0), branch: null };
 */
export interface ItemMap {
  /** [width] */
  readonly center: Float32Array;
  /** [dim × width] */
  readonly linear: Float32Array;
  /** [hidden × width] and [dim × hidden]; null for a linear map. */
  readonly branch: { readonly inner: Float32Array; readonly outer: Float32Array } | null;
}

/**
 * Rows in 8 bits: row r is about scales[r] · codes[r].
 *
 * @example
 * const codes: Codes = { codes: Int8Array.of(127, -64), scales: Float32Array.of(0.01) };
 */
export interface Codes {
  /** [rows × dim], −127 … 127 */
  readonly codes: Int8Array;
  /** [rows] */
  readonly scales: Float32Array;
}

/**
 * Factors in 8 bits.
 *
 * @example
 * const small = await quantizeModel(model, { to: 'int8' });
 * const codes: FactorCodes | null | undefined = small.codes;
 */
export interface FactorCodes {
  /** `errors` [numItems]: ‖row − scale · code‖₂ or a little more; only where the rows are kept beside the codes. */
  readonly items: Codes & { readonly errors: Float32Array | null };
  /** null where users are not in 8 bits. */
  readonly users: Codes | null;
}

/**
 * The inverse P = (XᵀX + diag(λ + p G_ii))⁻¹ behind the rows of a closed form, B_ij = −P_ij / P_jj.
 *
 * @example
 * const inverse: ItemInverse = await keptInverse(split.train, { regularization: 50, runtime });
 */
export interface ItemInverse {
  /** Lower triangle of P, row by row: [numItems (numItems + 1) / 2] */
  readonly values: Float32Array;
  /** X, what training learned from, users × items: √weight of each interaction; null for ones. */
  readonly learned: {
    readonly rowPtr: Int32Array;
    readonly colIdx: Int32Array;
    readonly values: Float32Array | null;
  };
  /** What the text of new items adds to the rows. Default: nothing. */
  readonly placed?: SparseRows | null;
  readonly settings: InverseSettings;
}

/**
 * What decides the rows beside the interactions.
 *
 * @example
 * const settings: InverseSettings = { regularization: 50, popularityPenalty: 0, negative: true, entries: null };
 */
export interface InverseSettings {
  /** λ > 0 */
  readonly regularization: number;
  /** p ≥ 0 */
  readonly popularityPenalty: number;
  /** Whether weights below 0 are kept. */
  readonly negative: boolean;
  /** Entries of a row that are kept, on average; null for all. */
  readonly entries: number | null;
}

/**
 * One part of a blend: weight / deviation times its scores.
 *
 * @example
 * const share: BlendShare = { part: 'factors', weight: 0.3, deviation: 1.5 };
 */
export interface BlendShare {
  readonly part: 'factors' | 'rows' | 'items';
  readonly weight: number;
  /** Of the part's scores, see `scoreDeviation`. */
  readonly deviation: number;
}

/**
 * Text vectors of the items in 8 bits.
 *
 * @example
 * const vectors: TextVectors = textVectors('lexical', embeddings, itemIds);
 */
export interface TextVectors {
  /** The embedder that made them (`Embedder.id`), which has to make those of new texts. */
  readonly encoder: string;
  readonly width: number;
  /** Rows of length 1 or, for items without a vector, 0. */
  readonly items: Codes;
  /** What makes the vectors of new texts, as a file keeps it. Default: nothing, they come as vectors. */
  readonly lexical?: LexicalData | null;
}

/**
 * A lexical model as tensors, see `lexicalTensors`.
 *
 * @example
 * const lexical: LexicalData | null | undefined = model.text?.lexical;
 */
export interface LexicalData {
  /** Options as JSON. */
  readonly options: string;
  /** By name, all of which begin with `lexical.`. */
  readonly tensors: Readonly<Record<string, Tensor>>;
}

/**
 * A column of the catalogue, by type.
 *
 * @example
 * const prices: AttributeColumn = { type: 'number', values: Float64Array.of(3, 9.5) };
 */
export type AttributeColumn =
  /** NaN: the item has none. */
  | { readonly type: 'number'; readonly values: Float64Array }
  /** 0, 1, or 2: the item has none. */
  | { readonly type: 'boolean'; readonly values: Uint8Array }
  /** Places in the dictionary, −1: the item has none. */
  | { readonly type: 'text'; readonly dictionary: readonly string[]; readonly codes: Int32Array }
  /** Item i has codes[rowPtr[i]] … codes[rowPtr[i + 1] − 1], ascending. */
  | {
      readonly type: 'tags';
      readonly dictionary: readonly string[];
      readonly rowPtr: Int32Array;
      readonly codes: Int32Array;
    };

/**
 * Columns by name.
 *
 * @example
 * const attributes: Attributes = attributesOf({ price: [3, 9.5], sale: [true, false] });
 */
export type Attributes = Readonly<Record<string, AttributeColumn>>;
