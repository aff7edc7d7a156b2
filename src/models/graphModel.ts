import type { Graph, GraphSize } from '../data/graph.ts';
import type { I32Buffer, Matrix } from '../runtime/buffers.ts';
import type { CsrMatrix } from '../runtime/csrMatrix.ts';
import { BatchRows } from './batchRows.ts';
import type { LayerRange, ModelDescriptor, ModelOptionName, ModelSize } from './descriptor.ts';
import type { Encoder, EncoderDescriptor, EncoderParts } from './encoders/encoder.ts';
import { checkLayers } from './layers.ts';
import type { Loss, LossDescriptor } from './losses/loss.ts';
import type { Batch, Model } from './model.ts';
import { createParameters, type Parameters } from './parameters/parameters.ts';

/** What a model is composed of. */
export interface Composition<Name extends string, E extends Encoder> {
  readonly name: Name;
  readonly synonyms?: readonly string[];
  /** How final rows come about. */
  readonly encoder: EncoderDescriptor<E>;
  /** What is minimised. */
  readonly loss: LossDescriptor<E>;
  readonly layers: LayerRange;
  /** The options that encoder and loss read. */
  readonly options: readonly ModelOptionName[];
}

/** Parameters, an encoder that makes final rows of them, and a loss of those rows. */
class GraphModel implements Model {
  readonly usesNegatives: boolean;
  readonly parameters: Parameters;
  readonly #rows: BatchRows;
  readonly #adjacency: CsrMatrix | null;
  readonly #encoder: Encoder;
  readonly #loss: Loss;

  constructor(parts: Omit<EncoderParts, 'encoder'>, usesNegatives: boolean, encoder: Encoder, loss: Loss) {
    this.usesNegatives = usesNegatives;
    this.parameters = parts.parameters;
    this.#rows = parts.rows;
    this.#adjacency = parts.adjacency;
    this.#encoder = encoder;
    this.#loss = loss;
  }

  start(graph: Graph, initial: Float32Array): void {
    this.parameters.start(initial);
    this.#adjacency?.fill(graph.adjacency);
    this.#rows.start();
    this.#encoder.start(graph);
    this.#loss.start?.(graph);
  }

  beginEpoch(epoch: number): void {
    this.#encoder.beginEpoch(epoch);
  }

  step(batch: Batch): number {
    const planned = this.#rows.plan(batch, this.usesNegatives, this.#loss.others);
    this.#encoder.forward(planned);
    const loss = this.#loss.compute(planned, batch.count);
    this.#encoder.backward(planned);
    this.#rows.clear(planned);
    return loss;
  }

  propagate(): Matrix {
    return this.#encoder.propagate();
  }

  finalRows(nodes: I32Buffer<'node'>, count: number, out: Matrix): void {
    this.#encoder.finalRows(nodes, count, out);
  }
}

/** The descriptor of a model that is composed of an encoder and a loss. */
export function graphModel<const Name extends string, E extends Encoder>({
  encoder,
  loss,
  ...about
}: Composition<Name, E>): ModelDescriptor<Name> {
  const { name, layers: range } = about;
  const slotsOf = (graph: GraphSize, size: ModelSize) =>
    Math.min(loss.slots?.(graph, size) ?? 3 * size.batchSize, graph.numNodes);
  return {
    ...about,
    kind: 'graph',
    usesNegatives: (options) => loss.usesNegatives(options),
    create(workspace, graph, dim, options) {
      const { layers, batchSize } = options;
      checkLayers(name, range, layers, 'model');
      const make = () => encoder.table(workspace, graph, dim, layers);
      const parameters = createParameters(workspace, make, graph, dim, options);
      const { numNodes, numEdges } = graph;
      const adjacency = layers > 0 ? workspace.csrRoom(numNodes, numNodes, 2 * numEdges) : null;
      const maxDegree = adjacency ? graph.maxDegree : 0;
      const rows = new BatchRows(workspace, numNodes, dim, batchSize, slotsOf(graph, options), maxDegree);
      const parts = { workspace, graph, dim, options, parameters, rows, adjacency };
      const made = encoder.create(parts);
      const usesNegatives = loss.usesNegatives(options);
      return new GraphModel(parts, usesNegatives, made, loss.create({ ...parts, encoder: made }));
    },
    work(graph, dim, size) {
      const update = encoder.work(graph, dim, size) + (loss.work?.(graph, dim, size) ?? 0);
      return Math.ceil(graph.numEdges / size.batchSize) * update;
    },
  };
}
