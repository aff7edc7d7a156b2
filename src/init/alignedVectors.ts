import { alignEmbeddings, type Embeddings } from '../embed/embeddings.ts';
import { DataError } from '../errors.ts';
import { normalizeRows } from '../kernels/rows.ts';
import type { Runtime } from '../runtime/load.ts';
import type { Workspace } from '../runtime/workspace.ts';
import type { StrategyContext } from './strategy.ts';

/**
 * The vectors of the items that have one, in item order, with rows of norm 1 if `normalize`. A zero vector has no
 * direction and counts as none.
 * @throws {DataError} when no item has a vector other than zeros
 */
export function alignedVectors(
  runtime: Runtime,
  embeddings: Embeddings,
  itemIds: readonly string[],
  normalize: boolean,
): Pick<StrategyContext, 'vectors' | 'present'> {
  const { width } = embeddings;
  const { vectors: aligned } = alignEmbeddings(embeddings, itemIds);
  const rowOf = (item: number) => aligned.subarray(item * width, (item + 1) * width);
  const present = Array.from(itemIds.keys()).filter((item) => rowOf(item).some((value) => value !== 0));
  if (present.length === 0) {
    throw new DataError(
      embeddings.source,
      `expected vectors other than zero, received zeros for all ${itemIds.length} items`,
      'Compute the vectors again',
    );
  }
  const vectors = new Float32Array(present.length * width);
  for (const [n, item] of present.entries()) vectors.set(rowOf(item), n * width);
  return { present, vectors: normalize ? normalized(runtime, vectors, width) : vectors };
}

function normalized(runtime: Runtime, vectors: Float32Array, width: number): Float32Array {
  const layout = (workspace: Workspace) => workspace.matrix(vectors.length / width, width);
  return runtime.use('initialize', layout, (table, workspace) => {
    table.write(vectors);
    normalizeRows(workspace, table);
    return table.read();
  });
}
