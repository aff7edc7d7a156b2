import type { JsonValue } from '../../format/json.ts';
import type { SequenceShape } from '../../rank/sequences/weights.ts';
import type { BlendShare, InverseSettings } from './data.ts';
import type { Strings, TensorRef } from './source.ts';

/** A model file's contents, part by part, each where it lies. */
export interface ModelParts {
  readonly items: ItemsPart;
  readonly users: UsersPart;
  readonly factors: FactorsPart | null;
  readonly rows: RowsPart | null;
  readonly inverse: InversePart | null;
  /** [numItems] F32 */
  readonly itemScores: TensorRef<'F32'> | null;
  readonly blend: readonly BlendShare[] | null;
  readonly text: TextPart | null;
  readonly sequence: SequencePart | null;
  readonly itemMap: ItemMapPart | null;
  readonly config: Readonly<Record<string, JsonValue>>;
  readonly metrics: Readonly<Record<string, JsonValue>>;
}

/** See `ItemMap`. */
export interface ItemMapPart {
  /** [width] */
  readonly center: TensorRef<'F32'>;
  /** [dim × width] */
  readonly linear: TensorRef<'F32'>;
  /** [hidden × width] */
  readonly inner: TensorRef<'F32'> | null;
  /** [dim × hidden] */
  readonly outer: TensorRef<'F32'> | null;
}

/** The catalogue. */
export interface ItemsPart {
  readonly ids: Strings;
  readonly titles: Strings | null;
  /** [numItems] */
  readonly degrees: TensorRef<'I32'>;
  /** [⌈numItems / 8⌉] */
  readonly hidden: TensorRef<'U8'> | null;
  /** [⌈numItems / 8⌉] */
  readonly cold: TensorRef<'U8'> | null;
  readonly attributes: Readonly<Record<string, AttributePart>>;
}

/** A column of the catalogue; see `AttributeColumn`. */
export type AttributePart =
  | { readonly type: 'number'; readonly values: TensorRef<'F64'> }
  | { readonly type: 'boolean'; readonly values: TensorRef<'U8'> }
  | { readonly type: 'text'; readonly dictionary: Strings; readonly codes: TensorRef<'I32'> }
  | {
      readonly type: 'tags';
      readonly dictionary: Strings;
      readonly rowPtr: TensorRef<'I32'>;
      readonly codes: TensorRef<'I32'>;
    };

/** The people. */
export interface UsersPart {
  readonly ids: Strings;
  readonly had: { readonly rowPtr: TensorRef<'I32'>; readonly colIdx: TensorRef<'I32'> } | null;
  /** [⌈entries / 8⌉] */
  readonly liked: TensorRef<'U8'> | null;
  /** [entries]: the place of each in its person's history, 0 for the oldest; null where the order is not kept. */
  readonly order: TensorRef<'I32'> | null;
}

/** Rows in 8 bits. */
export interface CodesPart {
  /** [rows × dim] */
  readonly codes: TensorRef<'I8'>;
  /** [rows] */
  readonly scales: TensorRef<'F32'>;
}

/** Tables of factors. */
export interface FactorsPart {
  readonly dim: number;
  /** [numItems × dim]; null where there are codes only. */
  readonly items: TensorRef<'F32'> | TensorRef<'F16'> | null;
  readonly itemCodes: (CodesPart & { readonly errors: TensorRef<'F32'> | null }) | null;
  /** [numUsers × dim]; null where users are left out, or there are codes only. */
  readonly users: TensorRef<'F32'> | TensorRef<'F16'> | null;
  readonly userCodes: CodesPart | null;
}

/** Sparse rows of items; see `SparseRows`. */
export interface RowsPart {
  /** [nnz], row by row */
  readonly indices: TensorRef<'U16'> | TensorRef<'I32'>;
  /** [nnz] */
  readonly weights: TensorRef<'F32'>;
  /** Entries of each row; null: all rows have as many. */
  readonly lengths: TensorRef<'U8'> | TensorRef<'I32'> | null;
}

/** The inverse behind the rows; see `ItemInverse`. */
export interface InversePart {
  readonly settings: InverseSettings;
  /** [numItems (numItems + 1) / 2] */
  readonly values: TensorRef<'F32'>;
  readonly rowPtr: TensorRef<'I32'>;
  readonly colIdx: TensorRef<'I32'>;
  readonly entries: TensorRef<'F32'> | null;
  readonly placed: PlacedPart | null;
}

/** Sparse rows that are added to those of the inverse. */
export interface PlacedPart {
  readonly rowPtr: TensorRef<'I32'>;
  readonly indices: TensorRef<'I32'>;
  readonly weights: TensorRef<'F32'>;
}

/** A transformer of sequences; see `SequenceWeights`. */
export interface SequencePart {
  readonly shape: SequenceShape;
  readonly tables: Readonly<Record<string, TensorRef<'F32'>>>;
  /** See `CodeWeights`. */
  readonly codes: CodeWeightsPart | null;
}

/** Codes of items; see `CodeWeights`. */
export interface CodeWeightsPart {
  /** [numItems × columns] */
  readonly values: TensorRef<'I32'>;
  /** [tokens × dim] */
  readonly tokens: TensorRef<'F32'>;
  readonly beams: number;
}

/** Text vectors of the items; see `TextVectors`. */
export interface TextPart extends CodesPart {
  readonly encoder: string;
  readonly width: number;
  /** null where new texts need the embedder. */
  readonly lexical: LexicalPart | null;
}

/** What makes lexical vectors of new texts; see `lexicalTensors`. */
export interface LexicalPart {
  /** Options as JSON. */
  readonly options: string;
  /** By name, all of which begin with `lexical.`. */
  readonly tensors: Readonly<Record<string, TensorRef>>;
}
