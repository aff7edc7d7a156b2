import type { ModelName, Pooling, Protocol } from '../../index.ts';
import { DEFAULT_DIM } from '../../init/options.ts';
import type { BaselineName } from '../../recipe/baselines.ts';
import type { CompositionName } from '../../recipe/compositions.ts';
import type { InitName } from '../args/initNames.ts';
import type { Diagnostics } from '../diagnostics.ts';
import type { Condition } from './conditions.ts';
import { keyOf } from './engine/keyOf.ts';

/** One run of a study: everything that decides its result, apart from the data themselves. */
export interface Job {
  /** Name of the dataset, e.g. `amazon-office`. */
  readonly dataset: string;
  /** Name of the vectors, or weighted names joined by ` + `, e.g. `0.5 bert-cls + lexical`; null where none are read. */
  readonly vectors: string | null;
  readonly model: RowModel;
  /** null where no initialisation is named: models without epochs, and `auto`. */
  readonly init: InitName | null;
  /** 0 for models without tables. */
  readonly dim: number;
  /** λ of `graph-pca`; null for its default, and where it is not read. */
  readonly graphWeight: number | null;
  /** Mean norm of the initial item rows; null for the default of the initialisation. */
  readonly scale: number | null;
  readonly pool: Pooling;
  readonly protocol: Protocol;
  /** Of the leave-one-out split. */
  readonly order: 'random' | 'time';
  /** Of split, initialisation and training. */
  readonly seed: number;
  /** Share of every user's training interactions that is kept: 1, or 0.5 in the cold start. */
  readonly keep: number;
  /** Interactions per update. */
  readonly batch: number;
  /** At most. */
  readonly epochs: number;
  /** Absent: the authors' configuration, batch and all. */
  readonly training?: Training;
  /** What is changed about the data; absent where nothing is. */
  readonly condition?: Condition;
  /** The row of `table2` that it belongs to; absent elsewhere. */
  readonly system?: string;
  /** The chat model with all that decides its answers; absent where none is asked. */
  readonly chat?: string;
}

/**
 * `recommended`: loss, rate and batch as `auto` trains. `map`: of a trained map of vectors. `sequences`: of people's items in
 * their order. `codes`: of codes of these items.
 */
export type Training = 'recommended' | 'map' | 'map-of-all' | 'sequences' | 'codes';

/** What a run trains: a model, or the choice by validation that `train` makes unless told otherwise. */
export type RowModel = ModelName | BaselineName | CompositionName | 'auto';

/** What a run found. */
export interface JobResult {
  /** Validation NDCG@10 of the epoch that was kept. */
  readonly valid: number;
  /** 0 for what is not trained. */
  readonly bestEpoch: number;
  readonly epochs: number;
  /** By the clock, from the shared tables to the metrics. */
  readonly seconds: number;
  /** Of the processor; absent where other runs shared the process. */
  readonly processorSeconds?: number;
  /** Of the model file, without titles and text vectors; absent in older records. */
  readonly bytes?: number;
  /** Test metrics: `recall@10`, `ndcg@10` and so on at 10, 20, 50, and coverage, novelty and diversity at 10. */
  readonly metrics: Readonly<Record<string, number>>;
  /**
   * base64 of one byte a test user, in the order of the split's `users`: rank 1 … 50 of the test item, 0 beyond; empty
   * where `perUser` has the values.
   */
  readonly ranks: string;
  /** Where equal scores leave ranks open, several items are looked for, or those of some users alone: see `packedValues`. */
  readonly perUser?: Readonly<Record<'recall' | 'ndcg', string>>;
  readonly diagnostics: Diagnostics | null;
  /** What `auto` tried and kept. */
  readonly contest?: ContestResult;
  /** Of a row of `table2`. */
  readonly cost?: SystemCost;
}

/** What a system costs, and what it can do. */
export interface SystemCost {
  /** Numbers that a training sets, those of the model file. */
  readonly parameters: number;
  /** Of the products of training, by formula. */
  readonly flops: number;
  /** Asked of and said by a chat model, as its service counts; null where it does not count, or none is asked. */
  readonly tokens: number | null;
  /** How a new item gets its place: by the model's own map of texts, by its neighbours in the texts, or not at all. */
  readonly newItem: 'map' | 'neighbours' | 'no';
  /** Whether what a stranger is shown follows from the stranger's history. */
  readonly stranger: boolean;
  /** Whether a Worker of the smallest plan serves it, by estimate. */
  readonly worker: boolean;
}

/** A choice by validation. */
export interface ContestResult {
  readonly chosen: string;
  /** How many settings, epochs and weights were compared on validation interactions. */
  readonly compared: number;
  /** Validation NDCG@10 of each candidate; null for one that was skipped. */
  readonly trials: readonly { readonly name: string; readonly valid: number | null }[];
}

/** The users of a split and the buckets that results are cut into; one for each dataset, order, seed and `keep`. */
export interface SplitRecord {
  readonly dataset: string;
  readonly order: 'random' | 'time';
  readonly seed: number;
  readonly keep: number;
  readonly users: number;
  readonly items: number;
  /** Training interactions. */
  readonly interactions: number;
  /** Users with a test item; `ranks` and the buckets have so many bytes. */
  readonly testUsers: number;
  /** base64, one byte a test user: index into HISTORY_BUCKETS by the user's training interactions. */
  readonly historyBuckets: string;
  /** base64, one byte a test user: index into POPULARITY_BUCKETS of the test item. */
  readonly popularityBuckets: string;
}

/** Facts of a dataset as read, for the head of a report. */
export interface DatasetRecord {
  readonly name: string;
  /** SHA-256 of interactions and vectors: runs of other data under the same name are not mixed. */
  readonly digest: string;
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
  /** Vectors by name, with where they come from and how many items have one. */
  readonly vectors: readonly {
    readonly name: string;
    readonly width: number;
    readonly itemsWithout: number;
    /** Side by side with others; absent in older records, of 1. */
    readonly weight?: number;
    /** Compared with the others, and not side by side with them. */
    readonly extra?: boolean;
    /** How many items have a real vector and how many an imputed one, by kind; absent where nothing says so. */
    readonly origins?: Readonly<Record<string, number>>;
  }[];
  /** In older records: the origins of the dataset's own vectors. */
  readonly origins?: Readonly<Record<string, number>> | null;
}

/** A finished run. */
export interface ExperimentRun {
  readonly job: Job;
  readonly result: JobResult;
}

/** Everything that a report is drawn from: the finished runs of `llminit reproduce`, and what they ran on. */
export interface ExperimentResults {
  readonly datasets: readonly DatasetRecord[];
  readonly splits: readonly SplitRecord[];
  readonly runs: readonly ExperimentRun[];
}

/** The same text for the same run, whatever the order of its keys. */
export function jobKey(job: Job): string {
  return keyOf(job);
}

/** The same text for the jobs of one split. */
export function splitKey({
  dataset,
  order,
  seed,
  keep,
}: Pick<Job, 'dataset' | 'order' | 'seed' | 'keep'>): string {
  return JSON.stringify([dataset, order, seed, keep]);
}

/** What a run is called while it runs. */
export function jobName(job: Job): string {
  const { model, init, vectors, protocol, order, seed, dim, pool, keep, graphWeight, scale } = job;
  const { training, condition, system, chat } = job;
  const parts = [protocol, `seed ${seed}`, model, init, vectors && `of ${vectors}`];
  if (system) parts.splice(0, 1, `${system}: ${protocol}, ${order} order`);
  if (dim !== 0 && dim !== DEFAULT_DIM) parts.push(`dim ${dim}`);
  if (pool !== 'mean') parts.push(`${pool} pooling`);
  if (keep < 1) parts.push(`${keep} of the interactions`);
  if (graphWeight !== null) parts.push(`λ ${graphWeight}`);
  if (scale !== null) parts.push(`scale ${scale}`);
  if (training) parts.push(`${training} training`);
  if (condition) parts.push(condition);
  if (chat) parts.push(chat);
  return parts.filter((part) => part !== null).join(', ');
}
