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
import type { DatasetRecord, Job } from './jobs.ts';
import type { StudySource } from './namedDatasets.ts';

/** A dataset with its vectors, ready for any job. */
export interface StudyData {
  readonly record: DatasetRecord;
  /** In the order of time or at random as the source says. */
  split(job: Pick<Job, 'seed' | 'keep'>): Split;
  /**
   * What a job trains on. Jobs of one split and vectors share it, and with it their initial tables; those of the last
   * split only are kept.
   * @throws {DataError} for vectors that the dataset does not have
   */
  training(job: Pick<Job, 'seed' | 'keep' | 'vectors'>): TrainingData;
}

/** Reads interactions and computes or reads all vectors of a study. @throws as the readers and embedders */
export async function openStudyData(source: StudySource, context: EmbedContext): Promise<StudyData> {
  const dataset = await readDataset(source.data, context.signal);
  const vectors = new Map<string, Embeddings>();
  let origins: DatasetRecord['origins'] = null;
  const facts: DatasetRecord['vectors'][number][] = [];
  for (const { name, options } of source.vectors) {
    const { embeddings, report } = await itemData(dataset.itemIds, source.catalogue, options, context);
    vectors.set(name, embeddings!);
    origins ??= report.sources;
    facts.push({ name, width: embeddings!.width, itemsWithout: report.withoutVector.count });
  }
  const { users, items, interactions } = dataset.report;
  const record = { name: source.name, users, items, interactions, vectors: facts, origins };
  const split: StudyData['split'] = ({ seed, keep }) => {
    const whole = dataset.split(seed);
    return keep < 1 ? coldStart(whole, { fraction: 1 - keep, seed }) : whole;
  };
  let kept: { split: string; data: Map<string | null, TrainingData> } = { split: '', data: new Map() };
  return {
    record: { ...record, digest: digest(dataset.split(0), dataset.itemIds, vectors) },
    split,
    training({ seed, keep, vectors: name }) {
      const key = JSON.stringify([seed, keep]);
      if (kept.split !== key) kept = { split: key, data: new Map() };
      const found = kept.data.get(name);
      if (found) return found;
      const embeddings = name === null ? null : combined(name, vectors, dataset.itemIds);
      const data = new TrainingData(split({ seed, keep }), embeddings);
      kept.data.set(name, data);
      return data;
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
