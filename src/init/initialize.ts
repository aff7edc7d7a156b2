import { interactionsToCsr } from '../data/csr.ts';
import type { Interactions } from '../data/interactions.ts';
import type { Embeddings } from '../embed/embeddings.ts';
import { OptionError, shown } from '../errors.ts';
import { randomUniform } from '../kernels/random.ts';
import type { Matrix } from '../runtime/buffers.ts';
import { load, type Runtime } from '../runtime/load.ts';
import { PURPOSE } from '../runtime/random.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { COLUMN_STRATEGIES, type ColumnOptions } from './columns.ts';
import { MAPPED_STRATEGIES, type MapOptions, textRows } from './itemRows.ts';
import { type Pooling, poolUsers } from './pooling.ts';
import { presentVectors } from './presentVectors.ts';

/** All ways to fill E⁽⁰⁾: without text, by keeping columns of the text embeddings, or by a linear map of them. */
export const STRATEGIES = ['xavier', ...COLUMN_STRATEGIES, ...MAPPED_STRATEGIES] as const;

/** One of `STRATEGIES`. */
export type Strategy = (typeof STRATEGIES)[number];

/** What `--init auto` stands for where there are text vectors: chosen by validation NDCG@10 (`llminit reproduce`). */
export const RECOMMENDED_STRATEGY: Strategy = 'graph-pca';

/** The scales that `--init auto` tries; which is better depends on the data, and validation tells. */
export const RECOMMENDED_SCALES: readonly number[] = [1, 2];

/** Options of `initialize`; each strategy reads its part. */
export interface InitializeOptions extends Partial<Omit<ColumnOptions, 'popularity'>>, MapOptions {
  /** Default `variance` with embeddings, `xavier` without. */
  readonly strategy?: Strategy;
  /** Width of the tables, K. Default 128 (the paper); the width of the embeddings for `full`. */
  readonly dim?: number;
  /** How user rows are made. Default `mean` (Eq. 1). Not read by `xavier`. */
  readonly pooling?: Pooling;
  /** L2-normalise the embeddings first. Default true: MPNet rows have norm 1 already, other encoders' do not. */
  readonly normalize?: boolean;
  /**
   * Mean L2 norm of the item rows made from embeddings (of each table for `xavier`). Default: as selected or drawn
   * (the authors do not rescale), 1 where they are mapped. Between 0.3 and 2 is best; rows of norm 15 never leave their
   * start.
   */
  readonly scale?: number;
  readonly runtime?: Runtime;
}

/** E⁽⁰⁾ with what is worth knowing about it. */
export interface Initialization {
  /** numUsers × dim. */
  readonly users: Float32Array;
  /** numItems × dim. */
  readonly items: Float32Array;
  readonly dim: number;
  readonly strategy: Strategy;
  /** The columns kept, ascending; null where no columns are selected. */
  readonly columns: Int32Array | null;
  /**
   * Share of the embeddings' variance that the table keeps, before `whiten` evens it out; of the centred rows where the
   * strategy centres them. null for `xavier` and `projection`, which keeps no subspace.
   */
  readonly varianceKept: number | null;
  /** Items without an embedding, or with one of zeros, whose rows are xavier rows. */
  readonly itemsWithoutEmbedding: readonly number[];
  /** Users without a training item, whose rows are the mean of all item rows; 0 for `xavier`. */
  readonly usersWithoutItems: number;
}

/**
 * Fills the layer-0 tables of a graph recommender from text embeddings (Zhang et al., LLMInit, 2025), or with
 * Xavier-uniform numbers, ±√(6/(rows + K)) per table (Glorot & Bengio 2010; the base model).
 *
 * Item rows come from the embeddings, user rows are pooled from the rows of the user's training items. Items without
 * an embedding, or with a zero vector, get a Xavier row and are listed. `pca`, `whiten`, `graph-pca` and `projection`
 * centre the columns, normalise the rows again and map them linearly to K columns (see `MapOptions`). Same inputs and
 * seed: same bytes.
 *
 * @param train training interactions: they decide the rows and the pooling
 * @throws {OptionError} on an unknown strategy, a K larger than the embeddings allow, or an option out of range
 * @throws {DataError} when no item has an embedding other than zeros, or all are the same where they are mapped
 */
export async function initialize(
  train: Interactions,
  embeddings: Embeddings | null,
  options: InitializeOptions = {},
): Promise<Initialization> {
  checkScale(options.scale);
  return (await prepareTables(train, embeddings, options))(options.scale);
}

/**
 * The tables of `initialize` for any scale, undefined being the strategy's own: scaling and pooling are the last steps
 * and cheap, so that what comes before them, a graph PCA for instance, is computed once for all scales.
 *
 * @throws as `initialize`
 */
export async function prepareTables(
  train: Interactions,
  embeddings: Embeddings | null,
  options: Omit<InitializeOptions, 'scale'> = {},
): Promise<(scale?: number) => Initialization> {
  const { strategy = embeddings ? 'variance' : 'xavier', seed = 2020 } = options;
  if (!STRATEGIES.includes(strategy)) {
    refuse(`expected strategy ${STRATEGIES.join(', ')}, received ${shown(strategy)}`, 'Pass one of them');
  }
  const runtime = options.runtime ?? (await load());
  const dim = resolveDim(strategy, embeddings, options.dim);
  if (strategy === 'xavier') {
    return (scale) => within(runtime, (workspace) => xavierTables(workspace, train, dim, seed, scale));
  }
  if (!embeddings)
    return refuse(`${strategy} needs embeddings, received none`, 'Pass embeddings, or use xavier');
  const text = await textTables(runtime, train, embeddings, strategy, dim, { ...options, seed });
  return (scale) => within(runtime, (workspace) => scaledTables(workspace, train, text, scale));
}

function within<T>(runtime: Runtime, job: (workspace: Workspace) => T): T {
  const workspace = runtime.open();
  try {
    return job(workspace);
  } finally {
    workspace.close();
  }
}

function xavierTables(
  workspace: Workspace,
  { numUsers, numItems }: Interactions,
  dim: number,
  seed: number,
  scale: number | undefined,
): Initialization {
  checkScale(scale);
  return {
    users: scaledRows(xavierTable(workspace, numUsers, dim, seed, 0).read(), dim, scale),
    items: scaledRows(xavierTable(workspace, numItems, dim, seed, 1).read(), dim, scale),
    dim,
    strategy: 'xavier',
    columns: null,
    varianceKept: null,
    itemsWithoutEmbedding: [],
    usersWithoutItems: 0,
  };
}

/** Item rows from text before they are scaled, with what the last steps need. */
interface TextTables {
  readonly strategy: Exclude<Strategy, 'xavier'>;
  readonly dim: number;
  readonly seed: number;
  readonly pooling: Pooling | undefined;
  /** Items with a vector, and their rows, dense. */
  readonly present: readonly number[];
  readonly rows: Float32Array;
  readonly missing: readonly number[];
  readonly columns: Int32Array | null;
  readonly varianceKept: number | null;
}

async function textTables(
  runtime: Runtime,
  train: Interactions,
  embeddings: Embeddings,
  strategy: TextTables['strategy'],
  dim: number,
  options: InitializeOptions & { seed: number },
): Promise<TextTables> {
  const { normalize = true, pooling, seed } = options;
  const workspace = runtime.open();
  try {
    const { present, missing, vectors } = presentVectors(workspace, embeddings, train.itemIds, normalize);
    const csr = interactionsToCsr(train);
    const kept = await textRows(workspace, vectors, strategy, dim, present, csr, options);
    return { strategy, dim, seed, pooling, present, missing, ...kept };
  } finally {
    workspace.close();
  }
}

/** Scales the rows, adds Xavier rows for the items without, and pools the users. */
function scaledTables(
  workspace: Workspace,
  train: Interactions,
  { strategy, dim, seed, pooling, present, rows, missing, columns, varianceKept }: TextTables,
  scale: number | undefined,
): Initialization {
  checkScale(scale);
  const { numUsers, numItems } = train;
  const scaled = scaledRows(rows, dim, scale ?? (columns ? undefined : 1));
  const items = xavierTable(workspace, numItems, dim, seed, 1);
  for (let n = 0; n < present.length; n++) items.write(scaled.subarray(n * dim, (n + 1) * dim), present[n]);
  const users = workspace.matrix(numUsers, dim);
  const usersWithoutItems = poolUsers(workspace, interactionsToCsr(train), items, users, pooling);
  return {
    ...{ users: users.read(), items: items.read(), dim, strategy, columns, varianceKept },
    itemsWithoutEmbedding: missing,
    usersWithoutItems,
  };
}

function resolveDim(strategy: Strategy, embeddings: Embeddings | null, dim: number | undefined): number {
  const wanted = dim ?? (strategy === 'full' && embeddings ? embeddings.width : 128);
  if (!Number.isInteger(wanted) || wanted < 1)
    refuse(`expected dim to be an integer ≥ 1, received ${shown(dim)}`, 'Pass e.g. 128');
  if (strategy === 'full' && embeddings && wanted !== embeddings.width) {
    refuse(
      `full keeps all ${embeddings.width} columns, received dim ${wanted}`,
      'Leave dim out, or use another strategy',
    );
  }
  return wanted;
}

function checkScale(scale: number | undefined): void {
  if (scale === undefined || (scale > 0 && Number.isFinite(scale))) return;
  refuse(`expected scale to be a number > 0, received ${shown(scale)}`, 'Pass e.g. 1');
}

/** `round` 0 is the user table, 1 the item table. */
function xavierTable(workspace: Workspace, rows: number, dim: number, seed: number, round: number): Matrix {
  const table = workspace.matrix(rows, dim);
  const bound = Math.sqrt(6 / (rows + dim));
  randomUniform(workspace, table, -bound, bound, seed, PURPOSE.xavier, round);
  return table;
}

/** Dense rows, multiplied by one factor so that their mean L2 norm is `scale`; as they are without `scale`. */
function scaledRows(values: Float32Array, dim: number, scale: number | undefined): Float32Array {
  if (scale === undefined) return values;
  const rows = values.length / dim;
  let norms = 0;
  for (let r = 0; r < rows; r++) {
    let squares = 0;
    for (let c = r * dim; c < (r + 1) * dim; c++) squares += values[c] * values[c];
    norms += Math.sqrt(squares);
  }
  const factor = norms > 0 ? (scale * rows) / norms : 1;
  return values.map((value) => value * factor);
}

function refuse(problem: string, remedy: string): never {
  throw new OptionError('initialize', problem, remedy);
}
