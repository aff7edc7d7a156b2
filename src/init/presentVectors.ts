import { alignEmbeddings, type Embeddings } from '../embed/embeddings.ts';
import { DataError } from '../errors.ts';
import { normalizeRows } from '../kernels/rows.ts';
import type { Matrix } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** The embeddings of the items that have one, in item order. A zero vector has no direction and counts as none. */
export function presentVectors(
  workspace: Workspace,
  embeddings: Embeddings,
  itemIds: readonly string[],
  normalize: boolean,
): { vectors: Matrix; present: readonly number[]; missing: readonly number[] } {
  const { width } = embeddings;
  const { vectors: aligned } = alignEmbeddings(embeddings, itemIds);
  const rowOf = (item: number) => aligned.subarray(item * width, (item + 1) * width);
  const present: number[] = [];
  const missing: number[] = [];
  for (const item of itemIds.keys())
    (rowOf(item).some((value) => value !== 0) ? present : missing).push(item);
  if (present.length === 0) {
    throw new DataError(
      embeddings.source,
      `expected vectors other than zero, received zeros for all ${itemIds.length} items`,
      'Compute the vectors again',
    );
  }
  const vectors = workspace.matrix(present.length, width);
  for (const [n, item] of present.entries()) vectors.write(rowOf(item), n);
  if (normalize) normalizeRows(workspace, vectors);
  return { vectors, present, missing };
}
