import { checkIsInteractions } from '../../data/argumentKinds.ts';
import type { Interactions } from '../../data/interactions.ts';
import { combineEmbeddings } from '../../embed/combine.ts';
import { alignEmbeddings, checkIsEmbeddings, type Embeddings } from '../../embed/embeddings.ts';
import { OptionError, shown } from '../../errors.ts';
import { ARRAY, checkArgument } from '../../options/arguments.ts';
import type { Resolved } from '../../options/descriptor.ts';
import { resolveOptions } from '../../options/resolve.ts';
import { rowBudgets } from '../../rank/largestEntries.ts';
import { RowScorer } from '../../rank/rowScorer.ts';
import type { SparseRows } from '../../rank/sparseRows.ts';
import { load } from '../../runtime/load.ts';
import { Turns } from '../../runtime/turns.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import { defaultEntries, rowsFromColumns } from './cutRows.ts';
import { denseItemRows } from './denseItemRows.ts';
import type { ClosedModelDescriptor } from './descriptor.ts';
import { weightedCsr } from './gram.ts';
import { TABLE_ITEMS } from './gramTable.ts';
import { ItemSystems } from './itemSystems.ts';
import { L3AE_OPTIONS, type L3aeOptions, type L3aeSettings, l3aeSettings, textWork } from './l3aeOptions.ts';
import { textNeighbours } from './textNeighbours.ts';
import { TextPrior } from './textPrior.ts';

/** Multiplications for one item and one setting, a small system, built and solved: with a table of XᵀX that a cache holds, and without. */
const [SMALL_SYSTEM, SYSTEM] = [160_000, 800_000];
/** Sources of an item by default. */
const SOURCES = 100;
/** A list that grows by doubling holds the old numbers while they are copied. */
const COLUMN_GROWTH = 1.5;
/** Copies of the vectors while text says what resembles what. */
const TEXT_TABLES = 5;

/** Weights of all sources that are held at a time, in bytes. */
const HELD_BYTES = 2 ** 29;

/**
 * L3AE in sparse rows: EASE's linear autoencoder whose weights are drawn to what the items' texts say. The full model is
 * B = argmin ‖X − XB‖² + λ_X‖B‖² + λ_E‖B − C‖², diag B = 0, with C from the vectors (see `TextPrior`); here every column
 * is solved over the m items alone that lower its loss most, each on its own, and rows are cut to their largest entries.
 * That loses nothing of the full model's quality in the comparisons made, and is linear in the number of items but for
 * the search among texts. With m = numItems − 1 and enough steps it is the full model. Without vectors C = 0: a sparse EASE
 * whose sources are those of the largest cosine.
 * Source: L3AE (CIKM 2025), Eq. 6 to 9; deviations: the restriction to m sources, λ + p G_ii in place of λ, and weights
 * below 0 dropped. Same input and options: same bytes, for any number of threads.
 *
 * @param embeddings vectors of items, of any width, as they are or from `combineEmbeddings`; centred and normalised here.
 *   Items without one have clicks only
 * @throws {OptionError} on an option out of range
 * @throws {DataError} when no item has a vector, or all vectors are equal
 * @throws {BudgetError} when the job does not fit the runtime's memory
 */
export async function l3ae(
  train: Interactions,
  embeddings: Embeddings | null,
  options: L3aeOptions = {},
): Promise<RowScorer> {
  return (await l3aeModels(train, embeddings, [options]))[0];
}

/**
 * As `l3ae`, several models at once: what does not depend on their settings is computed once.
 *
 * @param options of each model; textRegularization and textSearch must be the same for all, and runtime, signal and
 *   onProgress are those of the first
 * @throws {OptionError} also when they are not the same
 */
export async function l3aeModels(
  train: Interactions,
  embeddings: Embeddings | null,
  options: readonly L3aeOptions[],
): Promise<RowScorer[]> {
  checkIsInteractions(train, 'l3ae');
  if (embeddings !== null) checkIsEmbeddings(embeddings, 'l3ae');
  checkArgument(ARRAY, options, 'options', 'l3aeModels');
  if (options.length === 0)
    throw new OptionError('l3aeModels', 'expected options of a model, received none', 'Pass e.g. [{}]');
  const resolved = options.map((given) => resolveOptions(L3AE_OPTIONS, given, 'l3ae'));
  for (const name of ['textRegularization', 'textSearch'] as const) checkShared(name, resolved);
  const { textRegularization, runtime = await load(), signal, onProgress } = resolved[0];
  const turns = new Turns(signal);
  const workspace = runtime.open();
  try {
    const prior = embeddings && (await priorOf(workspace, embeddings, train, textRegularization, turns));
    const settings = resolved.map((given) => l3aeSettings(given, train.numItems, embeddings !== null));
    const progress = (done: number, total: number) => onProgress?.({ done, total });
    const sparse = settings.filter(({ form }) => form === 'sparse');
    const rows = sparse.length > 0 ? await sparseRows(workspace, train, prior, sparse, turns, progress) : [];
    const scorers: RowScorer[] = [];
    for (const setting of settings) {
      const found =
        setting.form === 'sparse'
          ? rows.shift()!
          : await denseItemRows(workspace, weightedCsr(train), prior, setting, turns);
      scorers.push(new RowScorer('l3ae', found));
    }
    return scorers;
  } finally {
    workspace.close();
  }
}

/** @throws {OptionError} unless an option is the same for all models */
function checkShared(
  name: 'textRegularization' | 'textSearch',
  resolved: readonly Resolved<typeof L3AE_OPTIONS>[],
): void {
  const other = resolved.find((given) => given[name] !== resolved[0][name]);
  if (!other) return;
  const problem = `expected one ${name} for all models, received ${shown(resolved[0][name])} and ${shown(other[name])}`;
  throw new OptionError('l3ae', problem, 'Train those with another one apart', name);
}

async function priorOf(
  workspace: Workspace,
  embeddings: Embeddings,
  { itemIds }: Interactions,
  textRegularization: number,
  turns: Turns,
): Promise<TextPrior> {
  const prepared = combineEmbeddings([{ embeddings }], itemIds);
  const { vectors } = alignEmbeddings(prepared, itemIds);
  return TextPrior.of(workspace, vectors, prepared.width, textRegularization, turns);
}

/** The rows of each of several models, so many of them at a time as fit in `HELD_BYTES` before rows are cut. */
async function sparseRows(
  workspace: Workspace,
  train: Interactions,
  prior: TextPrior | null,
  settings: readonly L3aeSettings[],
  turns: Turns,
  onProgress: (done: number, total: number) => void,
): Promise<SparseRows[]> {
  const { numItems } = train;
  const [{ textSearch, candidates }] = settings;
  const neighbours =
    prior && textSearch === 'approximate'
      ? await textNeighbours(
          workspace,
          prior.targets,
          prior.mapped,
          numItems,
          Math.ceil(candidates / 2),
          turns,
        )
      : null;
  const systems = new ItemSystems(workspace, train, prior, neighbours);
  const most = Math.max(...settings.map((setting) => Math.min(setting.candidates, numItems)));
  const together = Math.max(1, Math.floor(HELD_BYTES / (8 * most * numItems)));
  const rows: SparseRows[] = [];
  for (let first = 0; first < settings.length; first += together) {
    const some = settings.slice(first, first + together);
    const progress = (done: number) =>
      onProgress(first * numItems + done * some.length, settings.length * numItems);
    for (const [n, columns] of (await systems.columns(some, turns, progress)).entries())
      rows.push(await rowsFromColumns(columns, rowBudgets(systems.squares, some[n].entries), turns));
  }
  return rows;
}

/**
 * λ and the share of it that draws weights to those of the text. What matters most is λ times the share; of all nine pairs
 * of 50, 100, 200 and 0.5, 1, 1.5 these six had the best one by validation in each of 22 splits of five data sets, with all
 * clicks and with half of them.
 */
const TEXT_GRID = [
  { regularization: 100, textShare: 1 },
  { regularization: 100, textShare: 0.5 },
  { regularization: 100, textShare: 1.5 },
  { regularization: 50, textShare: 1 },
  { regularization: 200, textShare: 0.5 },
  { regularization: 200, textShare: 1.5 },
];

export const l3aeModel: ClosedModelDescriptor<'l3ae'> = {
  name: 'l3ae',
  kind: 'closed',
  vectors: 'optional',
  options: L3AE_OPTIONS,
  grid: (withVectors) =>
    withVectors ? TEXT_GRID : [100, 50, 200].map((regularization) => ({ regularization })),
  textWork,
  work: ({ numItems }) => numItems * (numItems <= TABLE_ITEMS ? SMALL_SYSTEM : SYSTEM),
  bytes: ({ numItems, numUsers }, width, models) => {
    const most = Math.min(SOURCES, numItems);
    const rows = 8 * defaultEntries(numItems) * numItems;
    const columns = COLUMN_GROWTH * Math.min(HELD_BYTES, 8 * most * numItems * models);
    const inTable = Math.min(TABLE_ITEMS, numItems);
    const text = width === 0 ? 0 : TEXT_TABLES * 4 * numItems * width + 16 * width * width;
    return {
      working: columns + 4 * inTable * inTable + text + models * (rows + 4 * (numUsers + numItems)),
      kept: rows,
    };
  },
  train: (train, embeddings, settings, { runtime, signal, onProgress } = {}) =>
    l3aeModels(
      train,
      embeddings,
      settings.map((given) => ({
        ...given,
        runtime,
        signal,
        onProgress: onProgress && (({ done, total }) => onProgress(done / total)),
      })),
    ),
};
