import type { EmbedderSettings } from '../../embedders.ts';
import type { Augmentation, Format, ModelName, NegativesOptions, Pooling, Protocol } from '../../index.ts';
import type { BaselineName } from '../../recipe/baselines.ts';
import type { InitName } from './initNames.ts';

/** What is read and how it is split. */
export interface DataArguments {
  readonly interactions?: string;
  readonly train?: string;
  readonly valid?: string;
  readonly test?: string;
  readonly format?: Format;
  readonly userColumn?: string;
  readonly itemColumn?: string;
  readonly ratingColumn?: string;
  readonly timestampColumn?: string;
  readonly minRating?: number;
  readonly kCore?: number;
  readonly split?: 'leave-one-out' | 'ratio';
  readonly ratios?: [number, number, number];
  readonly order?: 'random' | 'time';
  readonly onBadLine: 'error' | 'skip';
}

/** The catalogue: which columns of which file. */
export interface CatalogueArguments {
  readonly items?: string;
  readonly itemsFormat?: Exclude<Format, 'lightgcn'>;
  readonly idColumn?: string;
  readonly textColumns?: string[];
  readonly titleColumn?: string;
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

/** How tables are initialised and trained, apart from what `evaluate` varies. */
export interface TrainingArguments {
  readonly model: ModelName;
  readonly pool: Pooling;
  readonly dim?: number;
  readonly layers?: number;
  readonly batch: number;
  readonly epochs: number;
  readonly patience: number;
  readonly optimizer: 'adam' | 'sgd';
  readonly lr: number;
  readonly reg: number;
  readonly regForm: 'norm' | 'squared';
  readonly temperature?: number;
  readonly sslWeight?: number;
  readonly augmentation?: Augmentation;
  readonly dropout?: number;
  readonly negatives?: NegativesOptions['name'];
  readonly popularityExponent?: number;
  readonly hardCandidates?: number;
  readonly scale?: number;
  readonly popularFraction?: number;
  readonly whitenExponent?: number;
  readonly graphWeight?: number;
  readonly frozenColumns?: number;
  readonly adapterLayers?: 1 | 2;
  readonly normalize: boolean;
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
    OutputArguments {
  readonly init?: InitName[];
  readonly baselines?: BaselineName[];
  readonly seeds: number[];
  readonly protocol: Protocol[];
  readonly ks?: number[];
  readonly results?: string;
}
