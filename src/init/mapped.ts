import { momentsRoom } from '../kernels/select.ts';
import type { Matrix } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { centered } from './centered.ts';
import { type PrincipalCoordinates, principalCoordinates, principalRoom } from './pca.ts';
import type { StrategyContext } from './strategy.ts';

type Vectors = Pick<StrategyContext, 'vectors' | 'present' | 'width' | 'runtime'>;

/**
 * What `job` makes of the vectors, centred and with rows of norm 1 again, in a workspace of its own.
 * @param room allocates what `job` will, in a workspace that only counts
 * @throws {DataError} when all vectors are the same
 */
export async function fromCentered<T>(
  { vectors, present, width, runtime }: Vectors,
  room: (workspace: Workspace, x: Matrix) => void,
  job: (workspace: Workspace, x: Matrix) => T | Promise<T>,
): Promise<T> {
  const layout = (workspace: Workspace) => {
    const x = workspace.matrix(present.length, width);
    const moments = momentsRoom(workspace, x);
    workspace.foresee(() => room(workspace, x));
    return { x, moments };
  };
  return runtime.use('initialize', layout, async ({ x, moments }, workspace) => {
    x.write(vectors);
    return await job(workspace, centered(workspace, x, moments));
  });
}

/**
 * Principal coordinates of the centred vectors: `dim` columns, or fewer where the context allows and the vectors have
 * no more components.
 * @throws {OptionError} as `principalCoordinates`
 */
export function coordinatesOf(context: StrategyContext): Promise<PrincipalCoordinates> {
  return fromCentered(
    context,
    (workspace, x) => principalRoom(workspace, x, context.dim),
    (workspace, x) => principalCoordinates(workspace, x, leastDim(context), context.dim, context.turns),
  );
}

/** The fewest columns that will do. */
export function leastDim({ dim, exact }: Pick<StrategyContext, 'dim' | 'exact'>): number {
  return exact ? dim : 1;
}
