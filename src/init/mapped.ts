import type { Matrix } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { centered } from './centered.ts';
import { type PrincipalCoordinates, principalCoordinates } from './pca.ts';
import type { StrategyContext } from './strategy.ts';

type Vectors = Pick<StrategyContext, 'vectors' | 'present' | 'width' | 'runtime'>;

/**
 * What `job` makes of the vectors, centred and with rows of norm 1 again, in a workspace of its own.
 * @throws {DataError} when all vectors are the same
 */
export async function fromCentered<T>(
  { vectors, present, width, runtime }: Vectors,
  job: (workspace: Workspace, x: Matrix) => T | Promise<T>,
): Promise<T> {
  const workspace = runtime.open();
  try {
    return await job(workspace, centered(workspace, workspace.matrixFrom(vectors, present.length, width)));
  } finally {
    workspace.close();
  }
}

/**
 * Principal coordinates of the centred vectors: `dim` columns, or fewer where the context allows and the vectors have
 * no more components.
 * @throws {OptionError} as `principalCoordinates`
 */
export function coordinatesOf(context: StrategyContext): Promise<PrincipalCoordinates> {
  return fromCentered(context, (workspace, x) =>
    principalCoordinates(workspace, x, leastDim(context), context.dim, context.turns),
  );
}

/** The fewest columns that will do. */
export function leastDim({ dim, exact }: Pick<StrategyContext, 'dim' | 'exact'>): number {
  return exact ? dim : 1;
}
