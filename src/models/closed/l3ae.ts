import { checkIsInteractions } from '../../data/argumentKinds.ts';
import { transpose } from '../../data/csr.ts';
import type { Interactions } from '../../data/interactions.ts';
import { combineEmbeddings } from '../../embed/combine.ts';
import { alignEmbeddings, checkIsEmbeddings, type Embeddings } from '../../embed/embeddings.ts';
import { OptionError, shown } from '../../errors.ts';
import { ARRAY, checkArgument } from '../../options/arguments.ts';
import type { Resolved } from '../../options/descriptor.ts';
import { resolveOptions } from '../../options/resolve.ts';
import { rowBudgets } from '../../rank/largestEntries.ts';
import { RowScorer } from '../../rank/rowScorer.ts';
import { load } from '../../runtime/load.ts';
import { inTurns, Turns } from '../../runtime/turns.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import { type ItemColumns, rowsFromColumns } from './cutRows.ts';
import { denseItemRows, denseRoom } from './denseItemRows.ts';
import { squaredNorms, weightedCsr } from './gram.ts';
import { clicksOf } from './itemSystems.ts';
import { L3AE_OPTIONS, type L3aeOptions, type L3aeSettings, l3aeSettings } from './l3aeOptions.ts';
import { inGroups, layOutSystems, sparseRows, startSystems } from './sparseRows.ts';
import { TextPrior } from './textPrior.ts';

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
 * @example
 * const scorer = await l3ae(split.train, embeddings, { textShare: 0.5, runtime });
 * scorer.kind; // → 'rows'
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
 * @param columns the weights of each model by target where they are known, as `l3aeColumns` gives them for parts of the
 *   items; default: they are computed
 * @throws {OptionError} also when they are not the same
 * @example
 * const scorers = await l3aeModels(split.train, embeddings, [{ regularization: 50 }, { regularization: 100 }]);
 * scorers.length; // → 2
 */
export async function l3aeModels(
  train: Interactions,
  embeddings: Embeddings | null,
  options: readonly L3aeOptions[],
  columns?: (model: number) => ItemColumns,
): Promise<RowScorer[]> {
  const job = checkedJob(train, embeddings, options, 'l3aeModels');
  if (columns) return rowsOfColumns(train, job, columns);
  const { settings, turns, onProgress } = job;
  const clicks = await inTurns(clicksOf(train), turns);
  const sparse = settings.filter(({ form }) => form === 'sparse');
  const layout = (workspace: Workspace, prior: TextPrior | null) => {
    const systems = sparse.length > 0 ? layOutSystems(workspace, clicks, prior, sparse) : null;
    for (const some of inGroups(sparse, train.numItems, prior !== null))
      workspace.foresee(() => systems!.room(some));
    if (sparse.length < settings.length) workspace.foresee(() => denseRoom(workspace, train.numItems, prior));
    return systems;
  };
  return withPrior(job, train, embeddings, layout, async (workspace, prior, systems) => {
    const progress = (done: number, total: number) => onProgress?.({ done, total });
    const rows = systems ? await sparseRows(workspace, systems, prior, sparse, turns, progress) : [];
    const scorers: RowScorer[] = [];
    for (const setting of settings) {
      const found =
        setting.form === 'sparse'
          ? rows.shift()!
          : await denseItemRows(workspace, clicks.byUser, prior, setting, turns);
      scorers.push(new RowScorer('l3ae', found));
    }
    return scorers;
  });
}

/**
 * The weights of several models into the targets begin … end − 1 alone, which do not depend on other targets: jobs for
 * parts of the items give, together, what one run does.
 *
 * @param range begin a multiple of 4, and end, unless it is the number of items
 * @throws {OptionError} as `l3aeModels`, and for the dense form, which solves all items at once
 */
export async function l3aeColumns(
  train: Interactions,
  embeddings: Embeddings | null,
  options: readonly L3aeOptions[],
  { begin, end }: { readonly begin: number; readonly end: number },
): Promise<ItemColumns[]> {
  const job = checkedJob(train, embeddings, options, 'l3aeColumns');
  if (job.settings.some(({ form }) => form !== 'sparse'))
    throw new OptionError('l3aeColumns', 'expected the sparse form, received dense', 'Leave it out', 'form');
  const { settings, turns, onProgress } = job;
  const clicks = await inTurns(clicksOf(train), turns);
  const isWanted = (target: number) => target >= begin && target < end;
  const only = Uint8Array.from({ length: Math.ceil(train.numItems / 4) }, (_, four) =>
    Number(isWanted(4 * four)),
  );
  const layout = (workspace: Workspace, prior: TextPrior | null) => {
    const systems = layOutSystems(workspace, clicks, prior, settings);
    workspace.foresee(() => systems.room(settings, only));
    return systems;
  };
  return withPrior(job, train, embeddings, layout, async (workspace, prior, systems) => {
    await startSystems(workspace, systems, prior, settings, turns, isWanted);
    const progress = (done: number) => onProgress?.({ done: done - begin, total: end - begin });
    return systems.columns(settings, turns, progress, only);
  });
}

/** Checked options with what they mean for the data. */
interface Job {
  readonly settings: readonly L3aeSettings[];
  readonly textRegularization: number;
  readonly turns: Turns;
  readonly runtime: L3aeOptions['runtime'];
  readonly onProgress: L3aeOptions['onProgress'];
}

function checkedJob(
  train: Interactions,
  embeddings: Embeddings | null,
  options: readonly L3aeOptions[],
  where: string,
): Job {
  checkIsInteractions(train, 'l3ae');
  if (embeddings !== null) checkIsEmbeddings(embeddings, 'l3ae');
  checkArgument(ARRAY, options, 'options', where);
  if (options.length === 0)
    throw new OptionError(where, 'expected options of a model, received none', 'Pass e.g. [{}]');
  const resolved = options.map((given) => resolveOptions(L3AE_OPTIONS, given, 'l3ae'));
  for (const name of ['textRegularization', 'textSearch'] as const) checkShared(name, resolved);
  const { textRegularization, runtime, signal, onProgress } = resolved[0];
  const settings = resolved.map((given) => l3aeSettings(given, train.numItems, embeddings !== null));
  return { settings, textRegularization, turns: new Turns(signal), runtime, onProgress };
}

/** Runs a job in a workspace of its own, with C of the vectors, where there are any. @param layout what comes behind C */
async function withPrior<M, T>(
  { runtime, textRegularization, turns }: Job,
  train: Interactions,
  embeddings: Embeddings | null,
  layout: (workspace: Workspace, prior: TextPrior | null) => M,
  work: (workspace: Workspace, prior: TextPrior | null, memory: M) => Promise<T>,
): Promise<T> {
  const prepared = embeddings && combineEmbeddings([{ embeddings }], train.itemIds);
  const layOut = (workspace: Workspace) => {
    const prior = prepared && new TextPrior(workspace, train.numItems, prepared.width);
    const memory = layout(workspace, prior);
    prior?.foreseeStart();
    return { prior, memory };
  };
  const job = async ({ prior, memory }: ReturnType<typeof layOut>, workspace: Workspace) => {
    if (prior) {
      const { vectors } = alignEmbeddings(prepared!, train.itemIds);
      await prior.start(vectors, textRegularization, turns);
    }
    return work(workspace, prior, memory);
  };
  return (runtime ?? (await load())).use('l3ae', layOut, job);
}

async function rowsOfColumns(
  train: Interactions,
  { settings, turns }: Job,
  columns: (model: number) => ItemColumns,
): Promise<RowScorer[]> {
  const squares = squaredNorms(transpose(weightedCsr(train)));
  const scorers: RowScorer[] = [];
  for (const [n, { entries }] of settings.entries())
    scorers.push(
      new RowScorer('l3ae', await rowsFromColumns(columns(n), rowBudgets(squares, entries), turns)),
    );
  return scorers;
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
