import { randomUniform } from '../kernels/random.ts';
import type { Runtime } from '../runtime/load.ts';
import { PURPOSE } from '../runtime/random.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** Rounds of draws, so that the tables differ. */
const ROUND = { users: 0, items: 1 } as const;

/** Dense rows × dim of Xavier-uniform numbers, ±√(6/(rows + dim)) (Glorot & Bengio 2010). */
export function xavierRows(
  runtime: Runtime,
  rows: number,
  dim: number,
  seed: number,
  table: keyof typeof ROUND,
): Float32Array {
  const layout = (workspace: Workspace) => workspace.matrix(rows, dim);
  return runtime.use('initialize', layout, (values, workspace) => {
    const bound = Math.sqrt(6 / (rows + dim));
    randomUniform(workspace, values, -bound, bound, seed, PURPOSE.xavier, ROUND[table]);
    return values.read();
  });
}
