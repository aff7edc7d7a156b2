import { createHash } from 'node:crypto';
import {
  alignEmbeddings,
  coldStart,
  combineEmbeddings,
  DataError,
  type Embeddings,
  type Split,
  TrainingData,
} from '../../index.ts';
import { readDataset } from '../dataset.ts';
import { type EmbedContext, itemData } from '../embedder.ts';
import {
  type NewItemsSplit,
  type StrangersSplit,
  shuffledVectors,
  withNewItems,
  withStrangers,
} from './conditions.ts';
import type { DatasetRecord, Job } from './jobs.ts';
import type { StudySource } from './namedDatasets.ts';

/** A dataset with its vectors, ready for any job. */
export interface StudyData {
  readonly record: DatasetRecord;
  /** In the order of time or at random as the source says; nobody and nothing is left out of it. */
  split(job: Pick<Job, 'seed' | 'keep'>): Split;
  /** The split of a seed without a tenth of its users, or of its items. */
  strangers(job: Pick<Job, 'seed' | 'keep'>): StrangersSplit;
  newItems(job: Pick<Job, 'seed' | 'keep'>): NewItemsSplit;
  /**
   * What a job trains on. Jobs share the vectors and no more, so that the seconds of each are all that it takes.
   * @throws {DataError} for vectors that the dataset does not have
   */
  training(job: Pick<Job, 'seed' | 'keep' | 'vectors' | 'condition'>): TrainingData;
  /** Vectors by the name that a job has for them, of all items. @throws {DataError} as `training` */
  vectors(name: string): Embeddings;
}

/** Reads interactions and computes or reads all vectors of a study. @throws as the readers and embedders */
export async function openStudyData(source: StudySource, context: EmbedContext): Promise<StudyData> {
  const dataset = await readDataset(source.data, context.signal);
  const vectors = new Map<string, Embeddings>();
  const facts: DatasetRecord['vectors'][number][] = [];
  for (const { name, weight, extra, options } of source.vectors) {
    const { embeddings, report } = await itemData(dataset.itemIds, source.catalogue, options, context);
    vectors.set(name, embeddings!);
    const { withoutVector, sources: origins } = report;
    facts.push({
      ...{ name, weight, width: embeddings!.width, itemsWithout: withoutVector.count },
      ...(extra && { extra }),
      ...(origins && { origins }),
    });
  }
  const { users, items, interactions } = dataset.report;
  const record = { name: source.name, users, items, interactions, vectors: facts };
  const split: StudyData['split'] = ({ seed, keep }) => {
    const whole = dataset.split(seed);
    return keep < 1 ? coldStart(whole, { fraction: 1 - keep, seed }) : whole;
  };
  const sideBySide = new Map<string, Embeddings>();
  const named: StudyData['vectors'] = (name) => {
    const found = sideBySide.get(name) ?? combined(name, vectors, dataset.itemIds);
    sideBySide.set(name, found);
    return found;
  };
  const strangers: StudyData['strangers'] = (job) => withStrangers(split(job), job.seed);
  const newItems: StudyData['newItems'] = (job) => withNewItems(split(job), job.seed);
  const trained = (job: Pick<Job, 'seed' | 'keep' | 'condition'>) => {
    if (job.condition === 'strangers') return strangers(job).trained;
    return job.condition === 'new-items' ? newItems(job).trained : split(job);
  };
  return {
    record: { ...record, digest: digest(dataset.split(0), dataset.itemIds, vectors) },
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
