import type { Graph, GraphSize } from '../data/graph.ts';
import { shuffle } from '../kernels/random.ts';
import type { Batch } from '../models/model.ts';
import { countWithSequences, usersWithSequences } from '../models/sequences/batch.ts';
import type { I32Buffer } from '../runtime/buffers.ts';
import { PURPOSE } from '../runtime/random.ts';
import type { Workspace } from '../runtime/workspace.ts';
import type { Batches } from './epochBatches.ts';
import type { ResolvedOptions } from './fitOptions.ts';

/**
 * The batches of an epoch of a model of sequences: users with two training items or more, in a fresh order. It depends on
 * the seed and the epoch alone, so that any batch can be made again.
 */
export class SequenceBatches implements Batches {
  readonly count: number;
  readonly #workspace: Workspace;
  #all: Int32Array = new Int32Array(0);
  readonly #order: I32Buffer;
  readonly #users: I32Buffer<'node'>;
  readonly #options: Pick<ResolvedOptions, 'batchSize' | 'seed'>;

  constructor(workspace: Workspace, graph: GraphSize, options: Pick<ResolvedOptions, 'batchSize' | 'seed'>) {
    const users = countWithSequences(graph);
    this.count = Math.ceil(users / options.batchSize);
    this.#workspace = workspace;
    this.#order = workspace.i32(users);
    this.#users = workspace.i32(options.batchSize);
    this.#options = options;
  }

  start(graph: Graph): void {
    this.#all = usersWithSequences(graph);
  }

  begin(epoch: number): void {
    this.#order.view.set(this.#all);
    shuffle(this.#workspace, this.#order, this.#options.seed, PURPOSE.shuffle, epoch);
  }

  batch(index: number): Batch {
    const { batchSize } = this.#options;
    const first = index * batchSize;
    const users = this.#order.view.subarray(first, first + batchSize);
    this.#users.view.set(users);
    return { users: this.#users, positives: this.#users, negatives: this.#users, count: users.length };
  }
}
