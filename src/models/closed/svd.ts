import { checkIsInteractions } from '../../data/argumentKinds.ts';
import { csrInPieces, transposeInPieces, weightsInRows } from '../../data/csr.ts';
import { type GraphSize, graphSize } from '../../data/graph.ts';
import type { Interactions } from '../../data/interactions.ts';
import { randomizedSvd, type SvdProgress, sparseOperator, svdRoom } from '../../linalg/randomizedSvd.ts';
import { integer, number } from '../../options/builders.ts';
import type { DescriptorsOf } from '../../options/descriptor.ts';
import { progressOption, SIGNAL } from '../../options/kinds.ts';
import { resolveOptions } from '../../options/resolve.ts';
import { TableScorer } from '../../rank/tableScorer.ts';
import { fractionalPower } from '../../runtime/fractionalPower.ts';
import { load, type Runtime } from '../../runtime/load.ts';
import { RUNTIME } from '../../runtime/option.ts';
import { inTurns, Turns } from '../../runtime/turns.ts';
import { countBytes, type Workspace } from '../../runtime/workspace.ts';
import type { ClosedModelDescriptor } from './descriptor.ts';

/** Power iterations: more change the validation NDCG@10 by less than its noise. */
const POWER_ITERATIONS = 3;
/** Products with the interactions, and columns of the basis, for estimates. */
const [PRODUCTS, SPARE_COLUMNS] = [2 * POWER_ITERATIONS + 2, 16];
const DEFAULT_RANK = 64;
/** What a multiplication of ranking by tables counts: codes of 8 bits rule most items out. */
const TABLE_WORK = 0.25;

/** Options of `svd`. */
export interface SvdOptions {
  /** Columns of the tables. Default 64, or an eighth of the items, or users, where they are fewer than 512. */
  readonly rank?: number;
  /** p ≥ 0: rows of items grow with their interactions to the power p. Default 0.4. */
  readonly popularity?: number;
  /** Of the random start. Default 2020. */
  readonly seed?: number;
  readonly runtime?: Runtime;
  readonly signal?: AbortSignal;
  /** Receives the share of the work that is done, in [0, 1]. */
  readonly onProgress?: (share: number) => void;
}

/** Every option of `svd`. */
export const SVD_OPTIONS = {
  rank: integer({
    about: 'columns of the tables',
    min: 1,
    defaultText: '64; an eighth of the items below 512',
  }),
  popularity: number({
    about: 'how rows of items grow with their interactions, an exponent',
    min: 0,
    max: 1,
    default: 0.4,
  }),
  seed: integer({ about: 'of the random start', min: 0, default: 2020 }),
  runtime: RUNTIME,
  signal: SIGNAL,
  onProgress: progressOption<number>(),
} satisfies DescriptorsOf<SvdOptions>;

/**
 * The leading singular vectors of the normalised interactions A = D_U^-½ X D_I^-½ ≈ U Σ Vᵀ, an ideal low-pass filter of the
 * graph: rows of users D_U^½ U Σ, which is the sum over a history of D_I^-½ V, and rows of items D_I^p V. Takes time and memory
 * linear in the interactions, and no epochs.
 * Source: PureSVD (Cremonesi, Koren & Turrin, RecSys 2010) and the low-pass part of GF-CF (Shen et al., CIKM 2021), p = ½;
 * deviation: p. Same input and options: same bytes, for any number of threads.
 *
 * @throws {OptionError} on an option out of range
 * @throws {BudgetError} when the job does not fit the runtime's memory
 */
export async function svd(train: Interactions, options: SvdOptions = {}): Promise<TableScorer> {
  return (await svdModels(train, [options]))[0];
}

/** As `svd`, several models of one decomposition; seed, runtime, signal and onProgress are those of the first. */
async function svdModels(train: Interactions, options: readonly SvdOptions[]): Promise<TableScorer[]> {
  checkIsInteractions(train, 'svd');
  const all = options.map((given) => resolveOptions(SVD_OPTIONS, given, 'svd'));
  const { seed, signal, onProgress, runtime = await load() } = all[0];
  const smaller = Math.min(train.numUsers, train.numItems);
  const usual = Math.max(1, Math.min(DEFAULT_RANK, Math.floor(smaller / 8)));
  const ranks = all.map(({ rank = usual }) => Math.min(rank, smaller));
  const rank = Math.max(...ranks);
  const layout = (workspace: Workspace) => layOut(workspace, graphSize(train), rank);
  return runtime.use('svd', layout, async ({ room, ...matrices }, workspace) => {
    const turns = new Turns(signal);
    const { userSums, itemSums } = await fillNormalized(train, matrices, turns);
    const operator = sparseOperator(workspace, matrices.byUser, matrices.byItem);
    const how = {
      ...{ rank, seed, powerIterations: POWER_ITERATIONS, signal },
      onProgress: onProgress && (({ done, total }: SvdProgress) => onProgress(done / total)),
    };
    const found = await randomizedSvd(workspace, operator, how, room);
    const { rank: width, singularValues } = found;
    const left = found.readLeft();
    await turns.offer();
    const users = scaledRows(left, width, (user) => Math.sqrt(userSums[user]), singularValues);
    const items = found.readRight();
    const scorers: TableScorer[] = [];
    for (const [n, { popularity }] of all.entries()) {
      await turns.offer();
      const grown = scaledRows(items.slice(), width, (item) => fractionalPower(itemSums[item], popularity));
      const dim = Math.min(ranks[n], width);
      const tables = [users, grown].map((table) => columns(table, width, dim));
      scorers.push(new TableScorer('svd', { users: tables[0], items: tables[1], dim }));
    }
    await turns.offer();
    return scorers;
  });
}

/** Both orders of the interactions, and room for the triplets. */
function layOut(workspace: Workspace, { numUsers, numItems, numEdges }: GraphSize, rank: number) {
  return {
    byUser: workspace.csrRoom(numUsers, numItems, numEdges),
    byItem: workspace.csrRoom(numItems, numUsers, numEdges),
    room: svdRoom(workspace, { rows: numUsers, cols: numItems }, rank),
  };
}

/**
 * Fills both orders with D_U^-½ X D_I^-½, and gives the diagonals of D_U and D_I: sums of the rows and columns of X, the weights
 * of the interactions. What it is made from is not held while the decomposition runs.
 */
async function fillNormalized(
  train: Interactions,
  { byUser, byItem }: Pick<ReturnType<typeof layOut>, 'byUser' | 'byItem'>,
  turns: Turns,
): Promise<{ userSums: Float64Array; itemSums: Float64Array }> {
  const csr = await inTurns(csrInPieces(train), turns);
  const { rows, cols, rowPtr, colIdx } = csr;
  const values = weightsInRows(train) ?? new Float32Array(colIdx.length).fill(1);
  const [userSums, itemSums] = [new Float64Array(rows), new Float64Array(cols)];
  for (let user = 0; user < rows; user++) {
    for (let n = rowPtr[user]; n < rowPtr[user + 1]; n++) {
      userSums[user] += values[n];
      itemSums[colIdx[n]] += values[n];
    }
  }
  await turns.offer();
  for (let user = 0; user < rows; user++)
    for (let n = rowPtr[user]; n < rowPtr[user + 1]; n++)
      values[n] /= Math.sqrt(userSums[user] * itemSums[colIdx[n]]);
  await turns.offer();
  byUser.fill({ ...csr, values });
  await turns.offer();
  const transposed = await inTurns(transposeInPieces({ ...csr, values }), turns);
  await turns.offer();
  byItem.fill(transposed);
  await turns.offer();
  return { userSums, itemSums };
}

/** table ← its rows times a factor each, and its columns times theirs. In place: it may be a quarter of a gigabyte. */
function scaledRows(
  table: Float32Array,
  width: number,
  factorOf: (row: number) => number,
  columnFactors?: Float64Array,
): Float32Array {
  for (let row = 0, at = 0; at < table.length; row++) {
    const factor = factorOf(row);
    for (let column = 0; column < width; column++, at++)
      table[at] *= columnFactors ? factor * columnFactors[column] : factor;
  }
  return table;
}

/** The first columns of a table; the table itself where that is all of them. */
function columns(table: Float32Array, width: number, count: number): Float32Array {
  if (count === width) return table;
  const left = new Float32Array((table.length / width) * count);
  for (let row = 0; row * width < table.length; row++)
    left.set(table.subarray(row * width, row * width + count), row * count);
  return left;
}

/** What is decided on, by validation: how far popular items are preferred. */
const GRID = [0.4, 0.25].map((popularity) => ({ popularity }));

/** The decomposition as an entry of the models without epochs. */
export const svdModel: ClosedModelDescriptor<'svd'> = {
  name: 'svd',
  kind: 'closed',
  vectors: 'unread',
  options: SVD_OPTIONS,
  grid: () => GRID,
  work: ({ numUsers, numItems, numEdges }) => {
    const width = DEFAULT_RANK + SPARE_COLUMNS;
    // Every product, and a basis made orthonormal by its Gram matrix; what is shared counts for each of the settings.
    return (PRODUCTS * width * (numEdges + ((numUsers + numItems) * width) / 4)) / GRID.length;
  },
  ranking: ({ numItems }) => TABLE_WORK * numItems * DEFAULT_RANK,
  // The settings share the rows of users; those of items are scaled anew for each.
  bytes: ({ numUsers, numItems, ...size }, _, models) => {
    const [users, items] = [numUsers, numItems].map((rows) => 4 * DEFAULT_RANK * rows);
    const job = countBytes((workspace) => layOut(workspace, { numUsers, numItems, ...size }, DEFAULT_RANK));
    return { working: job + users + (models + 1) * items, kept: users + items };
  },
  train: (train, _, settings, { runtime, signal, onProgress } = {}) =>
    svdModels(
      train,
      settings.map((given) => ({ ...given, runtime, signal, onProgress })),
    ),
};
