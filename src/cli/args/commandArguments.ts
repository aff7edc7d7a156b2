import type { EmbedderSettings } from '../../embedders.ts';
import type {
  DateOrder,
  DuplicatePolicy,
  FeedbackKind,
  FeedbackWeights,
  Format,
  Protocol,
} from '../../index.ts';
import type { BaselineName } from '../../recipe/baselines.ts';
import type { MeasureArguments } from '../study/measures.ts';
import type { InitName } from './initNames.ts';

/** What is read and how it is split. */
export interface DataArguments {
  readonly interactions?: readonly string[];
  readonly train?: readonly string[];
  readonly valid?: readonly string[];
  readonly test?: readonly string[];
  readonly format?: Format;
  readonly delimiter?: string;
  readonly header?: boolean;
  readonly encoding?: string;
  readonly decimal?: '.' | ',';
  readonly dateOrder?: DateOrder;
  readonly missingValues?: string[];
  readonly userColumn?: string;
  readonly itemColumn?: string;
  readonly ratingColumn?: string;
  readonly timestampColumn?: string;
  readonly minRating?: number;
  readonly feedback?: FeedbackKind;
  readonly feedbackWeights?: FeedbackWeights;
  readonly duplicates?: DuplicatePolicy;
  readonly kCore?: number;
  readonly split?: 'leave-one-out' | 'ratio' | 'time' | 'none';
  /** seconds since 1970 */
  readonly splitAt?: number[];
  readonly validShare?: number;
  readonly ratios?: [number, number, number];
  readonly order?: 'random' | 'time';
  readonly onBadLine: 'error' | 'skip';
}

/** The catalogue: which columns of which file. */
export interface CatalogueArguments {
  readonly items?: string;
  readonly itemsFormat?: Exclude<Format, 'lightgcn'>;
  readonly itemsDelimiter?: string;
  readonly itemsHeader?: boolean;
  readonly itemsEncoding?: string;
  readonly missingValues?: string[];
  readonly idColumn?: string;
  readonly textColumns?: string[];
  /** A template of columns in the place of `textColumns`. */
  readonly text?: string;
  readonly titleColumn?: string;
  /** Columns that a model keeps. */
  readonly keep?: string[];
  readonly onBadLine: 'error' | 'skip';
}

/** Where the vectors of the items come from. */
export interface EmbeddingArguments extends CatalogueArguments, EmbedderSettings {
  /** One embedder, or several separated by commas, put side by side. */
  readonly embedder?: string;
  readonly embedderWeights?: number[];
  readonly cache?: string;
  readonly onMissingText: 'error' | 'skip';
}

/** How the job runs; flags of tables and training stand beside these (see `trainingOptions`). */
export interface TrainingArguments {
  readonly maxMemory?: number;
  readonly threads: number;
}

/** How a command speaks. */
export interface OutputArguments {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** The arguments of `evaluate`. */
export interface EvaluateArguments
  extends DataArguments,
    EmbeddingArguments,
    TrainingArguments,
    MeasureArguments,
    OutputArguments {
  readonly init?: InitName[];
  readonly baselines?: BaselineName[];
  readonly seeds: number[];
  readonly protocol: Protocol[];
  readonly ks?: number[];
  readonly results?: string;
}
