// What the page asks of the worker that computes, and what comes back.

/** A file that was dropped, or made by the page. */
export interface InputFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Columns that a person has chosen by hand; what is left out is found by its name. */
export interface ChosenColumns {
  readonly userColumn?: string;
  readonly itemColumn?: string;
  readonly ratingColumn?: string;
  readonly idColumn?: string;
  readonly titleColumn?: string;
  /** Liked from this number on. */
  readonly minRating?: number;
  /** Columns of the catalogue to filter by. */
  readonly keep?: readonly string[];
}

/** A column that can be filtered by: its texts, or the largest of its numbers. */
export interface FilterColumn {
  readonly name: string;
  readonly texts: readonly string[] | null;
  readonly most: number | null;
}

/** What the files were taken for. */
export interface DataSummary {
  /** The reader's own words, a line a file, and what is worth knowing. */
  readonly lines: readonly string[];
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
  /** Interactions of every item, most first. */
  readonly degrees: readonly number[];
  readonly hasTexts: boolean;
  readonly filters: readonly FilterColumn[];
}

/** Where vectors come from. */
export type VectorSource =
  | { readonly kind: 'lexical' }
  | { readonly kind: 'none' }
  | { readonly kind: 'encoder'; readonly model: string; readonly folder: string | null }
  | { readonly kind: 'file'; readonly file: InputFile; readonly ids: InputFile | null };

/** The items of the training data on a plane: their first two principal components. */
export interface VectorSummary {
  readonly width: number;
  readonly source: string;
  readonly ids: readonly string[];
  readonly titles: readonly string[];
  readonly points: Float32Array;
}

export const ENTRANTS = ['xavier', 'variance', 'graph-pca', 'l3ae', 'auto'] as const;
/** What races: initialisations of LightGCN, the closed form, and the choice among them. */
export type Entrant = (typeof ENTRANTS)[number];

/** One point of a curve. */
export interface EpochPoint {
  readonly entrant: Entrant;
  /** What is being tried, of a choice among several. */
  readonly trial: string;
  readonly epoch: number;
  readonly seconds: number;
  readonly loss: number | null;
  readonly metric: number | null;
}

/** How an entrant ended. */
export interface Finish {
  readonly entrant: Entrant;
  readonly chosen: string;
  readonly seconds: number;
  /** Test NDCG@10, with the 95 % interval over users. */
  readonly metric: number;
  readonly interval: readonly [number, number];
  /** Over the first entrant that has ended, pair by pair of users; null for that one. */
  readonly gain: {
    readonly over: Entrant;
    readonly relative: number;
    readonly interval: readonly [number, number];
  } | null;
  /** Of the item table, at the start and at the end; null for models without a table. */
  readonly rank: { readonly start: number; readonly end: number; readonly dim: number } | null;
  readonly bytes: Uint8Array;
}

/** What is being done, for the progress line. */
export interface Progress {
  readonly what: string;
  readonly share: number | null;
}

export type Request =
  | { readonly type: 'read'; readonly files: readonly InputFile[]; readonly columns: ChosenColumns }
  | { readonly type: 'vectors'; readonly source: VectorSource }
  | {
      readonly type: 'race';
      readonly entrants: readonly Entrant[];
      readonly dim: number;
      readonly resume: boolean;
    }
  | { readonly type: 'pause' };

export type Reply =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'epoch'; readonly point: EpochPoint }
  | { readonly type: 'finish'; readonly finish: Finish }
  | { readonly type: 'done'; readonly id: number; readonly value: unknown }
  | { readonly type: 'failed'; readonly id: number; readonly message: string; readonly paused: boolean };
