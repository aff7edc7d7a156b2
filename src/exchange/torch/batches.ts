import type { Graph } from '../../data/graph.ts';
import { UnsupportedError } from '../../errors.ts';
import { encodeSafetensors } from '../../format/safetensors.ts';
import { describeModel } from '../../models/registry.ts';
import type { Runtime } from '../../runtime/load.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import { EpochBatches } from '../../train/epochBatches.ts';
import type { ResolvedOptions } from '../../train/fitOptions.ts';

/**
 * The first batches that `fit` trains on, as safetensors: `users`, `positives` and `negatives` I32, items counted from 0,
 * and `bounds` I32 [batches + 1], where each batch begins. Negatives are 0 where the model draws none.
 */
export function firstBatches(
  graph: Graph,
  options: ResolvedOptions,
  count: number,
  runtime: Runtime,
): Uint8Array {
  const { numUsers } = graph;
  const usesNegatives = describeModel(options.model).usesNegatives(options);
  const model = { usesNegatives, finalRows: noRows };
  const layout = (workspace: Workspace) => new EpochBatches(workspace, graph, options, model, 1);
  return runtime.use('firstBatches', layout, (batches) => {
    batches.start(graph);
    const bounds = new Int32Array(count + 1);
    const columns = { users: [] as number[], positives: [] as number[], negatives: [] as number[] };
    for (let n = 0; n < count; n++) {
      if (n % batches.count === 0) batches.begin(1 + n / batches.count);
      const batch = batches.batch(n % batches.count);
      for (let b = 0; b < batch.count; b++) {
        columns.users.push(batch.users.view[b]);
        columns.positives.push(batch.positives.view[b] - numUsers);
        columns.negatives.push(usesNegatives ? batch.negatives.view[b] - numUsers : 0);
      }
      bounds[n + 1] = bounds[n] + batch.count;
    }
    const column = (values: number[]) => ({
      dtype: 'I32' as const,
      shape: [values.length],
      data: Int32Array.from(values),
    });
    return encodeSafetensors(
      {
        users: column(columns.users),
        positives: column(columns.positives),
        negatives: column(columns.negatives),
        bounds: { dtype: 'I32', shape: [bounds.length], data: bounds },
      },
      { format: 'llminit-batches', version: '1' },
    );
  });
}

function noRows(): never {
  throw new UnsupportedError(
    'firstBatches',
    'expected negatives drawn without scores',
    'Draw them uniformly',
  );
}
