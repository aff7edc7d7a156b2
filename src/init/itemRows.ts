import { type Csr, transpose } from '../data/csr.ts';
import { DataError, OptionError, shown } from '../errors.ts';
import { normalizeRows } from '../kernels/rows.ts';
import { centerColumns, columnMoments, gatherColumns } from '../kernels/select.ts';
import type { Matrix } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { type ColumnOptions, type ColumnStrategy, columnVariance, selectColumns } from './columns.ts';
import { graphPrincipalCoordinates } from './graphPca.ts';
import { type PrincipalCoordinates, principalCoordinates } from './pca.ts';
import { gaussianProjection } from './projection.ts';
import { whiten } from './whiten.ts';

/** Strategies that map the centred and normalised embeddings linearly to the table. */
export const MAPPED_STRATEGIES = ['pca', 'whiten', 'graph-pca', 'projection'] as const;

type MappedStrategy = (typeof MAPPED_STRATEGIES)[number];

/** Options of the strategies that map the vectors linearly: `pca`, `whiten`, `graph-pca`, `projection`. */
export interface MapOptions {
  /**
   * `whiten` and `graph-pca`: α, by which column k of the coordinates is multiplied as σₖ^−α: 0 leaves them as they are,
   * 1 gives the columns of `whiten` one variance. Default 0.5 for `whiten`, 0.25 for `graph-pca` (validation NDCG@10
   * on the three datasets of README).
   */
  readonly whitenExponent?: number;
  /**
   * `graph-pca`: λ ≥ 0, the weight of the co-occurrence graph; 0 is `pca`. Default 1, chosen on validation data
   * (`llminit reproduce tuning`); above 1 little of the vectors' variance may be left (2 % of amazon-office's BERT
   * vectors at 1.5).
   */
  readonly graphWeight?: number;
}

/** Item rows made from embeddings. */
interface TextRows {
  /** Dense rows × dim. */
  readonly rows: Float32Array;
  /** The columns kept, ascending; null where columns are not selected. */
  readonly columns: Int32Array | null;
  readonly varianceKept: number | null;
}

/**
 * Rows for the items in `present`, whose embeddings are the rows of `vectors` (overwritten where the strategy centres).
 * @throws {OptionError} when the embeddings have no `dim` columns or components, or an option is out of range
 * @throws {DataError} when a strategy that centres gets the same vector for all items
 */
export async function textRows(
  workspace: Workspace,
  vectors: Matrix,
  strategy: ColumnStrategy | MappedStrategy,
  dim: number,
  present: readonly number[],
  csr: Csr,
  options: Partial<ColumnOptions> & MapOptions & { readonly seed: number },
): Promise<TextRows> {
  const { whitenExponent = strategy === 'graph-pca' ? 0.25 : 0.5, graphWeight = 1, seed } = options;
  checkRange('whitenExponent', whitenExponent, 0, 1);
  checkRange('graphWeight', graphWeight, 0, 100);
  switch (strategy) {
    case 'pca':
      return fromCoordinates(await principalCoordinates(workspace, centered(workspace, vectors), dim));
    case 'whiten': {
      const pca = await principalCoordinates(workspace, centered(workspace, vectors), dim);
      return fromCoordinates({ ...pca, coordinates: whiten(pca, whitenExponent) });
    }
    case 'graph-pca': {
      const x = centered(workspace, vectors);
      const graph = { present, csr, weight: graphWeight, whitenExponent };
      return fromCoordinates(await graphPrincipalCoordinates(workspace, x, dim, graph));
    }
    case 'projection':
      return {
        rows: gaussianProjection(workspace, centered(workspace, vectors), dim, seed),
        columns: null,
        varianceKept: null,
      };
    default:
      return selectedColumns(workspace, vectors, strategy, dim, present, csr, options);
  }
}

function fromCoordinates({
  coordinates,
  varianceKept,
}: Pick<PrincipalCoordinates, 'coordinates' | 'varianceKept'>): TextRows {
  return { rows: coordinates, columns: null, varianceKept };
}

function selectedColumns(
  workspace: Workspace,
  vectors: Matrix,
  strategy: ColumnStrategy,
  dim: number,
  present: readonly number[],
  csr: Csr,
  options: Partial<ColumnOptions>,
): TextRows {
  const { rowPtr } = transpose(csr);
  const popularity = present.map((item) => rowPtr[item + 1] - rowPtr[item]);
  const columns = selectColumns(workspace, vectors, strategy, { ...options, dim, popularity });
  const table = workspace.matrix(vectors.rows, dim);
  gatherColumns(workspace, vectors, workspace.i32From(columns), table);
  const variance = columnVariance(workspace, vectors);
  const all = variance.reduce((sum, value) => sum + value, 0);
  // Drawn with replacement, a column may stand twice and keeps its variance once.
  const kept = [...new Set(columns)].reduce((sum, column) => sum + variance[column], 0);
  return { rows: table.read(), columns, varianceKept: all > 0 ? kept / all : 1 };
}

/**
 * x with its column means taken off and its rows of norm 1 again.
 * @throws {DataError} when all rows are the same
 */
export function centered(workspace: Workspace, x: Matrix): Matrix {
  const mean = workspace.f32(x.stride);
  columnMoments(workspace, x, x.rows, mean, workspace.f32(x.stride), workspace.f64(3 * x.stride));
  centerColumns(workspace, x, mean);
  normalizeRows(workspace, x);
  if (x.view.some((value) => value !== 0)) return x;
  throw new DataError(
    'initialize',
    `expected vectors that differ, received the same one for all ${x.rows} items`,
    'Compute the vectors again, or use xavier',
  );
}

function checkRange(name: string, value: number, least: number, most: number): void {
  if (value >= least && value <= most) return;
  throw new OptionError(
    'initialize',
    `expected ${name} from ${least} to ${most}, received ${shown(value)}`,
    'Leave it out for the default',
  );
}
