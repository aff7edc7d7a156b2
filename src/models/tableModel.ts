import type { I32Buffer, Matrix, Table } from '../runtime/buffers.ts';
import type { Batch, Model, ModelState } from './model.ts';
import { AdapterTable, type AdapterWeights } from './parameters/adapterTable.ts';
import type { EmbeddingTable } from './parameters/embeddingTable.ts';

/** A model whose trained numbers are one layer-0 table and its optimiser's moments. */
export abstract class TableModel implements Model {
  abstract readonly name: string;
  abstract readonly usesNegatives: boolean;
  protected abstract readonly table: EmbeddingTable;

  abstract beginEpoch(epoch: number): void;
  abstract step(batch: Batch): number;
  abstract propagate(): Matrix;
  abstract spare(): Table | null;
  abstract finalRows(nodes: I32Buffer<'node'>, count: number, out: Matrix): void;

  adapter(): AdapterWeights | null {
    return this.table instanceof AdapterTable ? this.table.weights() : null;
  }

  state(): ModelState {
    return this.table.state();
  }

  restore(state: ModelState, steps: number): void {
    this.table.restore(state, steps);
  }

  parameters(): Float32Array {
    return this.table.parameters();
  }

  setParameters(values: Float32Array): void {
    this.table.setParameters(values);
  }
}
