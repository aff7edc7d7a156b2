import { defaultEntries } from './cutRows.ts';
import type { ClosedModelDescriptor, ClosedRun, ClosedSettings } from './descriptor.ts';
import { TABLE_ITEMS } from './gramTable.ts';
import { l3aeColumns, l3aeModels } from './l3ae.ts';
import { type ClosedFormProgress, L3AE_OPTIONS, type L3aeOptions, textWork } from './l3aeOptions.ts';
import { heldBytes } from './sparseRows.ts';

/** Multiplications for one item and one setting, a small system, built and solved: with a table of XᵀX that a cache holds, and without. */
const [SMALL_SYSTEM, SYSTEM] = [160_000, 800_000];
/** Sources of an item by default. */
const SOURCES = 100;
/** A list that grows by doubling holds the old numbers while they are copied. */
const COLUMN_GROWTH = 1.5;
/** Copies of the vectors while text says what resembles what. */
const TEXT_TABLES = 5;

/**
 * What matters most is λ times the share: of λ 50, 100 and 200 by shares .5, 1 and 1.5, the first four have the best
 * validation NDCG@10 or are within .0003 of it on splits of amazon-office, scientific and scientific-small, with half of the
 * interactions removed, too, and of ml-100k. Share 0 is for texts that say nothing.
 */
const WITH_TEXTS: readonly ClosedSettings[] = [
  { regularization: 100, textShare: 1 },
  { regularization: 50, textShare: 1 },
  { regularization: 100, textShare: 0.5 },
  { regularization: 50, textShare: 1.5 },
  { regularization: 100, textShare: 0 },
];
const CLICKS_ALONE: readonly ClosedSettings[] = [
  { regularization: 100 },
  { regularization: 50 },
  { regularization: 200 },
];

/** L3AE as an entry of the models without epochs. */
export const l3aeModel: ClosedModelDescriptor<'l3ae'> = {
  name: 'l3ae',
  kind: 'closed',
  vectors: 'optional',
  options: L3AE_OPTIONS,
  grid: (withVectors) => (withVectors ? WITH_TEXTS : CLICKS_ALONE),
  textWork,
  work: ({ numItems }) => numItems * (numItems <= TABLE_ITEMS ? SMALL_SYSTEM : SYSTEM),
  bytes: ({ numItems, numUsers }, width, models) => {
    const most = Math.min(SOURCES, numItems);
    const rows = 8 * defaultEntries(numItems) * numItems;
    const one = 8 * most * numItems;
    const columns = COLUMN_GROWTH * Math.max(one, Math.min(heldBytes(width > 0), one * models));
    const inTable = Math.min(TABLE_ITEMS, numItems);
    const text = width === 0 ? 0 : TEXT_TABLES * 4 * numItems * width + 16 * width * width;
    return {
      working: columns + 4 * inTable * inTable + text + models * (rows + 4 * (numUsers + numItems)),
      kept: rows,
    };
  },
  train: (train, embeddings, settings, run = {}) =>
    l3aeModels(train, embeddings, optionsOf(settings, run), run.columns),
  columns: (train, embeddings, settings, range, run = {}) =>
    l3aeColumns(train, embeddings, optionsOf(settings, run), range),
};

function optionsOf(
  settings: readonly ClosedSettings[],
  { runtime, signal, onProgress }: ClosedRun,
): L3aeOptions[] {
  const progress = onProgress && (({ done, total }: ClosedFormProgress) => onProgress(done / total));
  return settings.map((given) => ({ ...given, runtime, signal, onProgress: progress }));
}
