import { availableParallelism } from 'node:os';
import { loadThreads, type Runtime, type Split, type TrainOptions } from '../index.ts';
import { processBytes } from '../recipe/forecast.ts';
import type { DataOptions } from './args/dataOptions.ts';
import { embedderNames } from './args/embedderArguments.ts';
import type { CatalogueOptions, VectorOptions } from './args/itemOptions.ts';
import type { MachineOptions } from './args/options.ts';
import {
  checkParts,
  dataLines,
  embeddingLines,
  type SplitReport,
  splitLine,
  splitReport,
  type WholeTraining,
} from './dataReport.ts';
import { type Dataset, readDataset } from './dataset.ts';
import { type ItemData, itemData } from './embedder.ts';
import { atOnce } from './interrupt.ts';
import { checkReading, checkVectorMemory, LEXICAL_DIM } from './predicted.ts';
import { type Progress, progressTo } from './progress.ts';

/** What computes, where it tells how it goes, and what stops it. */
export interface Session {
  readonly runtime: Runtime;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** The most memory that the process is expected to take; undefined for no limit. */
  readonly maxProcessBytes?: number;
}

/** Threads that compute where nothing else is asked for: more gain little on small data, and leave nothing to others. */
const USUAL_THREADS = 2;

/** … and one where the process may take less than twice as much as threads do before they have computed anything. */
function usualThreads(most = Number.POSITIVE_INFINITY): number {
  const threads = Math.min(USUAL_THREADS, availableParallelism());
  return 2 * processBytes(threads) > most ? 1 : threads;
}

export async function openSession(
  machine: MachineOptions,
  quiet: boolean,
  signal: AbortSignal,
): Promise<Session> {
  const progress = progressTo(process.stderr, quiet);
  const { threads = usualThreads(machine.maxMemoryBytes) } = machine;
  // Nobody who has not asked for threads is told that there are none.
  const onFallback = (reason: string) => {
    if (machine.threads !== undefined) progress.line(reason);
  };
  const runtime = await loadThreads({ ...machine, threads, onFallback });
  return { runtime, progress, signal, maxProcessBytes: machine.maxMemoryBytes };
}

/** The options of a training that say what it may use. */
export function limits({
  runtime,
  maxProcessBytes,
}: Session): Pick<TrainOptions, 'runtime' | 'maxProcessBytes'> {
  return { runtime, maxProcessBytes };
}

/** Reads and filters the interactions, and reports them. @throws as `readDataset` */
export async function openDataset(
  data: DataOptions,
  { progress, signal, maxProcessBytes }: Session,
): Promise<Dataset> {
  checkReading(Object.values(data.files).flat(), maxProcessBytes, data.engine);
  const dataset = await readDataset(data, signal);
  for (const line of dataLines(dataset.report)) progress.line(line);
  return dataset;
}

/**
 * Reads the catalogue and computes the vectors, and reports both.
 * @param vectors null where none are needed
 * @throws as `itemData`
 */
export async function openItems(
  itemIds: readonly string[],
  catalogue: CatalogueOptions,
  vectors: VectorOptions | null,
  session: Session,
): Promise<ItemData> {
  if (vectors) {
    const isLexical = embedderNames(vectors).includes('lexical');
    const columns = isLexical ? (vectors.settings.lexicalDim ?? LEXICAL_DIM) : null;
    checkVectorMemory(itemIds.length, catalogue.path, columns, session.maxProcessBytes);
  }
  const items = await itemData(itemIds, catalogue, vectors, session);
  for (const line of embeddingLines(items.report)) session.progress.line(line);
  return items;
}

/**
 * The split of a seed, reported.
 *
 * @param whole whether there may be nothing to test on
 * @throws {DataError} when it has nothing to train or test on
 */
export async function openSplit(
  dataset: Pick<Dataset, 'report' | 'split'>,
  seed: number,
  { progress }: Session,
  whole: WholeTraining,
): Promise<{ split: Split; report: SplitReport }> {
  const split = await atOnce(() => dataset.split(seed));
  const report = splitReport(split);
  progress.line(splitLine(dataset.report, report, seed));
  const { name } = dataset.report.split;
  checkParts(split, name, whole);
  if (report.valid === 0)
    progress.line('no validation interactions: no early stopping, the last epoch is kept');
  if (report.test === 0 && name === 'leave-one-out')
    progress.line('no user has two interactions: all of them train, as with --split none');
  return { split, report };
}

/**
 * The split of a seed and its items, reported. What was read is not held beyond the split: of ten million interactions it takes
 * 200 MB.
 * @throws as `openDataset`, `openItems` and `openSplit`
 */
export async function openTraining(
  data: DataOptions,
  seed: number,
  { catalogue, vectors }: { readonly catalogue: CatalogueOptions; readonly vectors: VectorOptions | null },
  session: Session,
) {
  const dataset = await openDataset(data, session);
  const items = await openItems(dataset.itemIds, catalogue, vectors, session);
  const { split, report: parts } = await openSplit(dataset, seed, session, 'needed');
  return { report: dataset.report, split, parts, items };
}
