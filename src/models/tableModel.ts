import type { Matrix } from '../runtime/buffers.ts';
import type { EmbeddingTable } from './embeddingTable.ts';
import type { Batch, Model, ModelState } from './model.ts';

/** A model whose trained numbers are one layer-0 table and its optimiser's moments. */
export abstract class TableModel implements Model {
  abstract readonly name: string;
  abstract readonly usesNegatives: boolean;
  protected abstract readonly table: EmbeddingTable;

  abstract beginEpoch(epoch: number): void;
  abstract step(batch: Batch): number;
  abstract propagate(): Matrix;

  state(): ModelState {
    return this.table.state();
  }

  restore(state: ModelState, steps: number): void {
    this.table.restore(state, steps);
  }

  parameters(): Float32Array {
    return this.table.e0.read();
  }

  setParameters(values: Float32Array): void {
    this.table.e0.write(values);
  }
}
