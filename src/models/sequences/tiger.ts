import type { Graph, GraphSize } from '../../data/graph.ts';
import { checkItemCodes, codeVocabulary, type ItemCodes } from '../../data/itemCodes.ts';
import { gatherRows } from '../../kernels/rows.ts';
import { CodeAdder, itemRowsOf } from '../../rank/codeScorer.ts';
import { CodeBeam } from '../../rank/codes/beam.ts';
import { CodeTrie } from '../../rank/codes/codeTrie.ts';
import type { Adder } from '../../rank/scorer.ts';
import type { SequenceShape, SequenceWeights } from '../../rank/sequences/weights.ts';
import type { I32Buffer, Matrix } from '../../runtime/buffers.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import type { ModelDescriptor, ModelOptions, ModelSize } from '../descriptor.ts';
import { checkLayers } from '../layers.ts';
import type { Batch, Model } from '../model.ts';
import { DENSE_WORK } from '../work.ts';
import type { SequenceData } from './batch.ts';
import { codeSequences, codeSize, tokenRows } from './codeSequences.ts';
import type { SequenceParameters } from './parameters.ts';
import { checkInitialRows, rowWork, SequenceTraining, shapeOf, trainingWork } from './training.ts';

/**
 * TIGER (Rajput et al., NeurIPS 2023), small: items are words of a few semantic codes, and a causal transformer, the one of
 * `sasrec`, predicts the next code of a user's sequence among all codes. Items are scored by `CodeBeam`.
 * Deviations: codes come from residual k-means (`semanticIds`) in the place of an RQ-VAE, the transformer is a decoder alone,
 * no tokens stand for users, all codes of a sequence are trained on in one pass, probabilities are among the codes that an item
 * has, and rows of tokens begin as means of the rows of the items, so that an initialisation from text reaches them.
 */
class Tiger implements Model {
  readonly usesNegatives = false;
  readonly #workspace: Workspace;
  readonly #numItems: number;
  #graph: Graph | null = null;
  readonly #codes: ItemCodes;
  readonly #beams: number;
  #data: SequenceData | null = null;
  readonly #training: SequenceTraining;
  readonly #beam: CodeBeam;
  readonly #z: Matrix;

  constructor(
    workspace: Workspace,
    graph: GraphSize,
    shape: SequenceShape,
    codes: ItemCodes,
    options: ModelOptions,
  ) {
    this.#workspace = workspace;
    this.#numItems = graph.numItems;
    this.#codes = codes;
    this.#beams = options.beams;
    const own = { ...options, sequenceLoss: 'cross-entropy' as const };
    this.#training = new SequenceTraining(workspace, codeSize(graph, codes), shape, own);
    const { encoder, parameters } = this.#training;
    const beams = Math.min(options.beams, mostOpen(graph, options));
    this.#beam = new CodeBeam(workspace, encoder, parameters.scored, codes.columns, beams);
    this.#z = workspace.matrix(graph.numNodes, shape.dim);
  }

  start(graph: Graph, initial: Float32Array): void {
    const { dim } = this.#training.encoder.shape;
    checkInitialRows(graph, initial, dim);
    this.#graph = graph;
    this.#data = codeSequences(graph, this.#codes);
    this.#training.start(this.#data, tokenRows(this.#codes, initial.subarray(graph.numUsers * dim), dim));
    this.#beam.start(this.#codes, new CodeTrie(this.#codes));
  }

  get parameters(): SequenceParameters {
    return this.#training.parameters;
  }

  beginEpoch(): void {}

  step(batch: Batch): number {
    return this.#training.step(batch);
  }

  /** Users: the hidden state that the first code of the next item is predicted from; items: sums of their codes' rows. */
  propagate(): Matrix {
    const { numUsers } = this.#graph!;
    const { rowPtr, items } = this.#data!.sequences;
    const { shape } = this.#training.encoder;
    const z = this.#z;
    const histories = Array.from({ length: numUsers }, (_, user) =>
      items.subarray(
        Math.max(rowPtr[user], rowPtr[user + 1] - tokensOf(shape, this.#codes)),
        rowPtr[user + 1],
      ),
    );
    const { scored } = this.parameters;
    this.#training.histories.encode(scored, histories, (user, row) => z.view.set(row, user * z.stride));
    z.slice(numUsers, this.#numItems).write(itemRowsOf(this.sequence()));
    return z;
  }

  finalRows(nodes: I32Buffer<'node'>, count: number, out: Matrix): void {
    gatherRows(this.#workspace, this.propagate(), nodes, count, out);
  }

  scores(): Adder {
    return new CodeAdder(this.#beam, this.#numItems);
  }

  sequence(): SequenceWeights {
    const tokens = this.parameters.scored.slice(0, this.#data!.numItems).read();
    return { ...this.#training.weights(), codes: { ...this.#codes, tokens, beams: this.#beams } };
  }
}

/** Tokens of a history that are read. */
function tokensOf({ maxLength }: SequenceShape, { columns }: ItemCodes): number {
  return maxLength + 1 - columns;
}

/** A history of items, and the codes of the next but its last. */
function codeShape(dim: number, size: ModelSize, { columns }: Pick<ItemCodes, 'columns'>): SequenceShape {
  return shapeOf(dim, size, columns * (size.maxLength + 1) - 1);
}

/** What is taken for the codes of a catalogue before they are known: three levels of 256 codes. */
function codesFor({ numItems }: Pick<GraphSize, 'numItems'>, { codes }: ModelSize): ItemCodes {
  if (codes) return codes;
  const columns = 4;
  const values = new Int32Array(Math.min(numItems, 256) * columns).map((_, at) => Math.floor(at / columns));
  return { columns, values };
}

/** Prefixes of one length that several items have, at most. */
function mostOpen({ numItems }: Pick<GraphSize, 'numItems'>, { codes }: ModelSize): number {
  return Math.max(1, codes ? new CodeTrie(codes).mostOpen : Math.ceil(numItems / 2));
}

const LAYERS = { default: 2, min: 1 };

/** TIGER-small: see above. */
export const tiger: ModelDescriptor<'tiger'> = {
  name: 'tiger',
  kind: 'sequence',
  usesNegatives: () => false,
  options: ['heads', 'maxLength', 'hiddenDropout', 'beams', 'codes'],
  layers: LAYERS,
  hiddenDropout: 0.1,
  create(workspace, graph, dim, options) {
    checkLayers('tiger', LAYERS, options.layers, 'model');
    if (options.codes) checkItemCodes(options.codes, graph.numItems, 'model');
    const codes = codesFor(graph, options);
    return new Tiger(workspace, graph, codeShape(dim, options, codes), codes, options);
  },
  work(graph, dim, size) {
    const codes = codesFor(graph, size);
    const data = codeSize(graph, codes);
    return trainingWork(data, codeShape(dim, size, codes), data.numItems);
  },
  ranking(graph, dim, size) {
    const codes = codesFor(graph, size);
    const shape = codeShape(dim, size, codes);
    const { tokens } = codeVocabulary(codes);
    const read = Math.min(shape.maxLength, (codes.columns * graph.numEdges) / Math.max(1, graph.numUsers));
    const followed = (codes.columns - 1) * Math.min(size.beams, mostOpen(graph, size));
    return (
      DENSE_WORK * ((read + followed) * rowWork(shape) + ((1 + followed) * tokens * dim) / codes.columns)
    );
  },
};
