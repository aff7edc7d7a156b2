import type { Graph, GraphSize } from '../data/graph.ts';
import { picked } from '../data/positions.ts';
import { shuffle } from '../kernels/random.ts';
import { sampleNegatives } from '../kernels/sampling.ts';
import type { Batch, Model } from '../models/model.ts';
import type { I32Buffer } from '../runtime/buffers.ts';
import type { CsrMatrix } from '../runtime/csrMatrix.ts';
import { PURPOSE, Random } from '../runtime/random.ts';
import type { Workspace } from '../runtime/workspace.ts';
import type { ResolvedOptions } from './fitOptions.ts';
import { type CandidateRows, candidateRows, type NegativeSampler, negativeSampler } from './negatives.ts';

/** What an epoch is cut into. */
export interface Batches {
  /** Batches in an epoch; the last may be smaller. */
  readonly count: number;
  /** Fills what was laid out, before the first epoch. */
  start(graph: Graph): void;
  /** Draws the order of an epoch (from 1). */
  begin(epoch: number): void;
  /** Batch `index` of the epoch; valid until the next call. */
  batch(index: number): Batch;
}

/**
 * The batches of an epoch: training interactions in a fresh order, each with one negative where the model uses them: all,
 * but for those of users who leave no item to be a negative under the protocol `standard`. Order and negatives
 * depend on the seed, the epoch and the place in the epoch alone, so that any batch can be made again. Interactions with
 * weights stand in an epoch as often as these say.
 */
export class EpochBatches implements Batches {
  /** Batches in an epoch; the last may be smaller. */
  readonly count: number;
  readonly #workspace: Workspace;
  readonly #interactions: CsrMatrix;
  /** Places of the interactions that are trained on. */
  #pairs: Int32Array = new Int32Array(0);
  /** The user of each interaction. */
  #users: Int32Array = new Int32Array(0);
  /** Of `#pairs`; null: each stands in every epoch once. */
  #weights: Float32Array | null = null;
  readonly #order: I32Buffer;
  readonly #batch: { users: I32Buffer<'node'>; positives: I32Buffer<'node'>; negatives: I32Buffer<'node'> };
  readonly #options: Pick<ResolvedOptions, 'batchSize' | 'seed' | 'protocol' | 'negatives'>;
  readonly #withNegatives: boolean;
  /** Whether a negative must be an item that the user does not have. */
  readonly #verified: boolean;
  readonly #candidates: CandidateRows | null;
  #sampler: NegativeSampler | null = null;
  #epoch = 0;

  constructor(
    workspace: Workspace,
    { numUsers, numItems, numEdges, userDegrees }: GraphSize,
    options: Pick<ResolvedOptions, 'batchSize' | 'seed' | 'protocol' | 'negatives'>,
    model: Pick<Model, 'usesNegatives' | 'finalRows'>,
    dim: number,
  ) {
    this.#workspace = workspace;
    this.#options = options;
    this.#withNegatives = model.usesNegatives;
    this.#verified = model.usesNegatives && options.protocol === 'standard';
    this.#interactions = workspace.csrRoom(numUsers, numItems, numEdges);
    const left = this.#verified ? numEdges - edgesOfWhole(userDegrees, numItems) : numEdges;
    this.count = Math.ceil(left / options.batchSize);
    this.#order = workspace.i32(left);
    this.#batch = {
      users: workspace.i32(options.batchSize),
      positives: workspace.i32(options.batchSize),
      negatives: workspace.i32(options.batchSize),
    };
    this.#candidates = this.#withNegatives ? candidateRows(workspace, options, model, dim) : null;
  }

  start(graph: Graph): void {
    const { interactions } = graph;
    this.#pairs = trainedPairs(graph, this.#verified);
    this.#weights = graph.weights && picked(graph.weights, this.#pairs);
    this.#interactions.fill(interactions);
    this.#users = new Int32Array(interactions.colIdx.length);
    for (let user = 0; user < interactions.rows; user++)
      this.#users.fill(user, interactions.rowPtr[user], interactions.rowPtr[user + 1]);
    this.#sampler = this.#withNegatives ? negativeSampler(graph, this.#options, this.#candidates) : null;
  }

  /** Draws the order of an epoch (from 1), and with weights how often each interaction stands in it. */
  begin(epoch: number): void {
    this.#epoch = epoch;
    if (this.#weights) resample(this.#pairs, this.#weights, this.#order.view, this.#options.seed, epoch);
    else this.#order.view.set(this.#pairs);
    shuffle(this.#workspace, this.#order, this.#options.seed, PURPOSE.shuffle, epoch);
  }

  /** Batch `index` of the epoch; valid until the next call. */
  batch(index: number): Batch {
    const { batchSize } = this.#options;
    const first = index * batchSize;
    const order = this.#order.view.subarray(first, first + batchSize);
    const users = this.#batch.users.view;
    const positives = this.#batch.positives.view;
    const items = this.#interactions.colIdx.view;
    const offset = this.#interactions.rows;
    for (let b = 0; b < order.length; b++) {
      users[b] = this.#users[order[b]];
      positives[b] = items[order[b]] + offset;
    }
    if (this.#withNegatives) this.#drawNegatives(order.length, first);
    return { ...this.#batch, count: order.length };
  }

  #drawNegatives(count: number, first: number): void {
    const { seed, protocol } = this.#options;
    if (this.#sampler) {
      this.#sampler.draw(this.#batch, count, this.#epoch, first);
      return;
    }
    sampleNegatives(
      this.#workspace,
      this.#interactions,
      this.#batch.users,
      this.#batch.positives,
      this.#batch.negatives,
      count,
      { verify: protocol === 'standard', seed, purpose: PURPOSE.negatives, epoch: this.#epoch, first },
    );
  }
}

/**
 * As many pairs as there are, drawn in proportion to their weights by systematic sampling: a pair of w times the mean
 * weight stands ⌊w⌋ or ⌈w⌉ times in every epoch, and w times on average.
 */
function resample(
  pairs: Int32Array,
  weights: Float32Array,
  out: Int32Array,
  seed: number,
  epoch: number,
): void {
  let total = 0;
  for (const weight of weights) total += weight;
  const step = total / pairs.length;
  const start = new Random(seed, PURPOSE.weights, epoch).uint32() / 2 ** 32;
  let sum = 0;
  let drawn = 0;
  for (let n = 0; n < pairs.length; n++) {
    sum += weights[n];
    while (drawn < out.length && (drawn + start) * step < sum) out[drawn++] = pairs[n];
  }
  // What rounding may have left over.
  while (drawn < out.length) out[drawn++] = pairs[pairs.length - 1];
}

/** Whether a user leaves an item that could be a negative. */
export function leavesNegatives({ interactions, numItems }: Graph, user: number): boolean {
  return interactions.rowPtr[user + 1] - interactions.rowPtr[user] < numItems;
}

/** Interactions of users who have all items. */
function edgesOfWhole(userDegrees: Int32Array, numItems: number): number {
  return userDegrees.reduce((sum, degree) => sum + (degree < numItems ? 0 : degree), 0);
}

/** Places of all interactions, or of those whose users leave an item to be a negative. */
function trainedPairs(graph: Graph, withNegatives: boolean): Int32Array {
  const { rowPtr, colIdx } = graph.interactions;
  const places = Int32Array.from({ length: colIdx.length }, (_, place) => place);
  if (!withNegatives) return places;
  let kept = 0;
  for (let user = 0; user < graph.numUsers; user++) {
    if (!leavesNegatives(graph, user)) continue;
    for (let place = rowPtr[user]; place < rowPtr[user + 1]; place++) places[kept++] = place;
  }
  return places.slice(0, kept);
}
