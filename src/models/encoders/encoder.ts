import type { Graph, GraphSize } from '../../data/graph.ts';
import type { I32Buffer, Matrix, Table } from '../../runtime/buffers.ts';
import type { CsrMatrix } from '../../runtime/csrMatrix.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import type { BatchRows, PlannedBatch } from '../batchRows.ts';
import type { ModelOptions, ModelSize } from '../descriptor.ts';
import type { Parameters } from '../parameters/parameters.ts';

/** Makes final rows Z of layer-0 rows E⁽⁰⁾, and takes a batch's gradient from the ones back to the others. */
export interface Encoder {
  /** What the loss multiplies its gradient with respect to Z by. */
  readonly gradientScale: number;
  /** Before the first epoch: fills what `create` laid out. */
  start(graph: Graph): void;
  /** Prepares epoch `epoch` (from 1). */
  beginEpoch(epoch: number): void;
  /** `rows.z` ← Z of the batch's slots. */
  forward(planned: PlannedBatch): void;
  /** One update of the parameters by `rows.gradient`: dLoss/dZ of the batch's slots, and their decay. */
  backward(planned: PlannedBatch): void;
  /** Z of all nodes, valid until the next call of a method. */
  propagate(): Matrix;
  /** out[n] ← Z[nodes[n]]. */
  finalRows(nodes: I32Buffer<'node'>, count: number, out: Matrix): void;
}

/** What a model's parts are made of. */
export interface EncoderParts {
  readonly workspace: Workspace;
  readonly graph: GraphSize;
  readonly dim: number;
  readonly options: ModelOptions;
  readonly parameters: Parameters;
  readonly rows: BatchRows;
  /** D^-½ A D^-½ of the whole graph; null where there are no layers. */
  readonly adjacency: CsrMatrix | null;
}

export interface EncoderDescriptor<E extends Encoder = Encoder> {
  /** A table of zeros for E⁽⁰⁾, numNodes × dim, in the layout that the encoder reads. */
  table(workspace: Workspace, graph: GraphSize, dim: number, layers: number): Table;
  /** Lays the encoder out, in a workspace that may only count. */
  create(parts: EncoderParts): E;
  /** Multiplications of one update: forward, backward and the step of the optimiser. */
  work(graph: GraphSize, dim: number, size: ModelSize): number;
}
