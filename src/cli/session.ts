import { loadThreads, type Runtime, type Split } from '../index.ts';
import type {
  DataArguments,
  EmbeddingArguments,
  OutputArguments,
  TrainingArguments,
} from './args/commandArguments.ts';
import {
  checkParts,
  dataLines,
  embeddingLines,
  type SplitReport,
  splitLine,
  splitReport,
} from './dataReport.ts';
import { type Dataset, readDataset } from './dataset.ts';
import { type ItemData, itemData } from './embedder.ts';
import { type Progress, progressTo } from './progress.ts';

/** Everything that `train` and `evaluate` read before the first training. */
export interface Session {
  readonly runtime: Runtime;
  readonly progress: Progress;
  readonly dataset: Dataset;
  readonly items: ItemData;
}

/** Reads interactions and catalogue, computes the vectors if `needsVectors`, and reports all of it. */
export async function openSession(
  args: DataArguments & EmbeddingArguments & TrainingArguments & OutputArguments,
  needsVectors: boolean,
  signal: AbortSignal,
): Promise<Session> {
  const progress = progressTo(process.stderr, args.quiet ?? false);
  const maxMemoryBytes = args.maxMemory === undefined ? undefined : args.maxMemory * 2 ** 20;
  const onFallback = (reason: string) => progress.line(reason);
  const runtime = await loadThreads({ threads: args.threads, maxMemoryBytes, onFallback });
  const dataset = await readDataset(args, signal);
  for (const line of dataLines(dataset.report)) progress.line(line);
  const items = await itemData(args, dataset.itemIds, needsVectors, { runtime, progress, signal });
  for (const line of embeddingLines(items.report)) progress.line(line);
  return { runtime, progress, dataset, items };
}

/** The split of a seed, reported. @throws {DataError} when it has nothing to train or test on */
export function openSplit(
  { dataset, progress }: Session,
  seed: number,
): { split: Split; report: SplitReport } {
  const split = dataset.split(seed);
  const report = splitReport(split);
  progress.line(splitLine(dataset.report, report, seed));
  if (report.valid === 0)
    progress.line('no validation interactions: no early stopping, the last epoch is kept');
  checkParts(split, dataset.report.split.name === 'none');
  return { split, report };
}
