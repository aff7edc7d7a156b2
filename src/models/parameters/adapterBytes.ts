import type { GraphSize } from '../../data/graph.ts';
import { tableBytes } from '../../runtime/workspace.ts';
import type { AdapterOptions } from './adapterTable.ts';
import { denseLayerBytes } from './denseLayer.ts';

/** Bytes of workspace beyond those of a plain table. */
export function adapterBytes(
  graph: GraphSize,
  dim: number,
  { width, layers = 1, hidden = 128 }: AdapterOptions,
): number {
  const rows = Math.ceil(graph.numItems / 4) * 4;
  const branch =
    layers === 2
      ? denseLayerBytes(rows, width, hidden) +
        denseLayerBytes(rows, hidden, dim) +
        2 * tableBytes(rows, hidden + 8)
      : 0;
  const tables = tableBytes(graph.numNodes, dim) + tableBytes(rows, width) + 3 * tableBytes(rows, dim + 8);
  return tables + denseLayerBytes(rows, width, dim) + branch + 4096;
}
