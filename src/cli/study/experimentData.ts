import { createHash } from 'node:crypto';
import {
  alignEmbeddings,
  type Catalogue,
  coldStart,
  combineEmbeddings,
  DataError,
  type Embeddings,
  type Split,
  TrainingData,
} from '../../index.ts';
import { readDataset } from '../dataset.ts';
import { type EmbedContext, itemData } from '../embedder.ts';
import { type SplitSource, splitsOf } from '../splitArguments.ts';
import {
  type NewItemsSplit,
  type StrangersSplit,
  shuffledVectors,
  withNewItems,
  withStrangers,
} from './conditions.ts';
import type { DatasetRecord, Job } from './jobs.ts';
import type { DatasetSource } from './namedDatasets.ts';

/** What decides a split. */
type SplitOf = Pick<Job, 'seed' | 'keep' | 'order'>;

/** A dataset with its vectors, ready for any job. */
export interface ExperimentData {
  readonly record: DatasetRecord;
  /** Titles and texts of the items; null without a catalogue. */
  readonly titles: Catalogue | null;
  /** Whether the interactions can be split in the order of time. */
  readonly hasTimes: boolean;
  /** Nobody and nothing is left out of it. */
  split(job: SplitOf): Split;
  /** The split of a seed without a tenth of its users, or of its items. */
  strangers(job: SplitOf): StrangersSplit;
  newItems(job: SplitOf): NewItemsSplit;
  /**
   * What a job trains on. Jobs share the vectors and no more, so that the seconds of each are all that it takes.
   * @throws {DataError} for vectors that the dataset does not have
   */
  training(job: SplitOf & Pick<Job, 'vectors' | 'condition'>): TrainingData;
  /** Vectors by the name that a job has for them, of all items. @throws {DataError} as `training` */
  vectors(name: string): Embeddings;
}

/** What a study reads. */
export interface ExperimentParts {
  readonly record: DatasetRecord;
  readonly splits: SplitSource;
  /** By name. */
  readonly vectors: ReadonlyMap<string, Embeddings>;
  readonly titles: Catalogue | null;
}

/** Reads interactions and computes or reads all vectors of a study. @throws as the readers and embedders */
export async function readExperimentData(
  source: DatasetSource,
  context: EmbedContext,
): Promise<ExperimentParts> {
  const dataset = await readDataset(source.data, context.signal);
  const vectors = new Map<string, Embeddings>();
  const facts: DatasetRecord['vectors'][number][] = [];
  let titles: Catalogue | null = null;
  for (const { name, weight, extra, options } of source.vectors) {
    const { embeddings, report, ...own } = await itemData(
      dataset.itemIds,
      source.catalogue,
      options,
      context,
    );
    titles ??= own.titles;
    vectors.set(name, embeddings!);
    const { withoutVector, sources: origins } = report;
    facts.push({
      ...{ name, weight, width: embeddings!.width, itemsWithout: withoutVector.count },
      ...(extra && { extra }),
      ...(origins && { origins }),
    });
  }
  const { users, items, interactions } = dataset.report;
  const record = {
    ...{ name: source.name, digest: digest(dataset.split(0, 'random'), dataset.itemIds, vectors) },
    ...{ users, items, interactions, vectors: facts },
  };
  return { record, splits: dataset.splits, vectors, titles };
}

/** A study's data, ready for any job. */
export function experimentData({ record, splits, vectors, titles }: ExperimentParts): ExperimentData {
  const { itemIds, timestamps } = 'whole' in splits ? splits.whole : splits.train;
  const splitOf = splitsOf(splits);
  const split: ExperimentData['split'] = ({ seed, keep, order }) => {
    const whole = splitOf(seed, order);
    return keep < 1 ? coldStart(whole, { fraction: 1 - keep, seed }) : whole;
  };
  const sideBySide = new Map<string, Embeddings>();
  const named: ExperimentData['vectors'] = (name) => {
    const found = sideBySide.get(name) ?? combined(name, vectors, itemIds);
    sideBySide.set(name, found);
    return found;
  };
  const strangers: ExperimentData['strangers'] = (job) => withStrangers(split(job), job.seed);
  const newItems: ExperimentData['newItems'] = (job) => withNewItems(split(job), job.seed);
  const trained = (job: SplitOf & Pick<Job, 'condition'>) => {
    if (job.condition === 'strangers') return strangers(job).trained;
    return job.condition === 'new-items' ? newItems(job).trained : split(job);
  };
  return {
    ...{ record, titles, hasTimes: timestamps !== null },
    ...{ split, strangers, newItems, vectors: named },
    training(job) {
      const whole = job.vectors === null ? null : named(job.vectors);
      const embeddings = whole && job.condition === 'shuffled' ? shuffledVectors(whole, job.seed) : whole;
      return new TrainingData(trained(job), embeddings);
    },
  };
}

/** The vectors of one name, or of several with their weights side by side. */
function combined(
  name: string,
  vectors: ReadonlyMap<string, Embeddings>,
  itemIds: readonly string[],
): Embeddings {
  const parts = name.split(' + ').map((part) => {
    const [, weight = '1', single] = /^(?:([\d.]+) )?(.*)$/.exec(part)!;
    const embeddings = vectors.get(single);
    if (embeddings) return { embeddings, weight: Number(weight) };
    const known = [...vectors.keys()].join(', ');
    throw new DataError('reproduce', `expected vectors ${known}, received ${single}`, 'Name one of them');
  });
  return parts.length === 1 ? parts[0].embeddings : combineEmbeddings(parts, itemIds);
}

function digest(
  { train, valid, test }: Split,
  itemIds: readonly string[],
  vectors: ReadonlyMap<string, Embeddings>,
): string {
  const hash = createHash('sha256');
  for (const part of [train, valid, test]) hash.update(part.users).update(part.items);
  hash.update(JSON.stringify([train.userIds, itemIds]));
  for (const [name, embeddings] of vectors)
    hash.update(name).update(alignEmbeddings(embeddings, itemIds).vectors);
  return hash.digest('hex');
}
