import type { Graph, GraphSize } from '../../data/graph.ts';
import { attentionWeights } from '../../kernels/attention.ts';
import { type Capacity, capacityOf } from '../../rank/sequences/activations.ts';
import type { ItemSequences } from '../../rank/sequences/encoder.ts';
import type { F32Buffer, I32Buffer } from '../../runtime/buffers.ts';
import type { Workspace } from '../../runtime/workspace.ts';

/** What a transformer learns from: users' items, or their codes, in order. */
export type SequenceData = Pick<
  Graph,
  'numUsers' | 'numItems' | 'userDegrees' | 'sequences' | 'interactions'
>;

/** Users with an item that follows another: who something can be learned from. */
export function usersWithSequences({ sequences: { rowPtr } }: Pick<Graph, 'sequences'>): Int32Array {
  const users: number[] = [];
  for (let user = 0; user + 1 < rowPtr.length; user++)
    if (rowPtr[user + 1] - rowPtr[user] >= 2) users.push(user);
  return Int32Array.from(users);
}

/** How many users `usersWithSequences` gives. */
export function countWithSequences({ userDegrees }: Pick<GraphSize, 'userDegrees'>): number {
  return userDegrees.reduce((count, degree) => count + (degree >= 2 ? 1 : 0), 0);
}

/** Capacity for any batch of so many users: that of the users with the longest sequences. */
export function batchCapacity(
  { userDegrees }: Pick<GraphSize, 'userDegrees'>,
  batchSize: number,
  heads: number,
  maxLength: number,
): Capacity {
  // One step more than is trained on: a whole history is read, too.
  const lengths = userDegrees.map((degree) => Math.min(maxLength, degree)).sort();
  return capacityOf(lengths.subarray(Math.max(0, lengths.length - batchSize)), heads);
}

/** A batch of sequences and what follows each of their items. */
export class SequenceBatch {
  readonly targets: I32Buffer;
  /** Of the targets, of mean 1 over a training set. */
  readonly weights: F32Buffer;
  /** The user of each row. */
  readonly users: Int32Array;
  #data: SequenceData | null = null;
  readonly #maxLength: number;
  readonly #heads: number;
  readonly #items: I32Buffer;
  readonly #positions: I32Buffer;
  readonly #starts: I32Buffer;
  readonly #places: I32Buffer;

  constructor(workspace: Workspace, batchSize: number, { rows }: Capacity, heads: number, maxLength: number) {
    this.#heads = heads;
    this.#maxLength = maxLength;
    this.users = new Int32Array(rows);
    this.targets = workspace.i32(rows);
    this.weights = workspace.f32(rows);
    this.#items = workspace.i32(rows);
    this.#positions = workspace.i32(rows);
    this.#starts = workspace.i32(batchSize + 1);
    this.#places = workspace.i32(batchSize);
  }

  /** Before the first batch: whose sequences they are. */
  start(data: SequenceData): void {
    this.#data = data;
  }

  get data(): SequenceData {
    return this.#data!;
  }

  /** The last `maxLength` steps of some users' sequences. @returns their sequences, and how many weights of attention they have */
  fill(users: ArrayLike<number>, count: number): { sequences: ItemSequences; weights: number } {
    const { rowPtr, items: all, weights: given } = this.data.sequences;
    const [items, positions, targets] = [this.#items.view, this.#positions.view, this.targets.view];
    const [starts, places, weights] = [this.#starts.view, this.#places.view, this.weights.view];
    let [row, place, longest] = [0, 0, 1];
    for (let s = 0; s < count; s++) {
      const [begin, end] = [rowPtr[users[s]], rowPtr[users[s] + 1] - 1];
      const length = Math.max(0, Math.min(this.#maxLength, end - begin));
      starts[s] = row;
      places[s] = place;
      for (let t = 0; t < length; t++, row++) {
        const at = end - length + t;
        items[row] = all[at];
        positions[row] = t;
        targets[row] = all[at + 1];
        weights[row] = given ? given[at + 1] : 1;
        this.users[row] = users[s];
      }
      place += attentionWeights(length, this.#heads);
      longest = Math.max(longest, length);
    }
    starts[count] = row;
    const buffers = {
      items: this.#items,
      positions: this.#positions,
      starts: this.#starts,
      places: this.#places,
    };
    return { sequences: { ...buffers, count, rows: row, longest }, weights: place };
  }
}
