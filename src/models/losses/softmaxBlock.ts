import type { I32Buffer } from '../../runtime/buffers.ts';
import { roundUp } from '../../runtime/roundUp.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import type { OtherNodes, PlannedBatch } from '../batchRows.ts';

/** Pairs of a batch whose items are one another's candidates, roughly: a larger batch is several such blocks. */
const BLOCK_PAIRS = 512;

/** Pairs that are scored together, and the most candidates they have. */
export interface BlockSize {
  readonly pairs: number;
  readonly candidates: number;
}

/** Where the blocks of a batch begin, which are as even as can be, and where the last one ends. */
export function blockBounds(count: number): number[] {
  const blocks = Math.max(1, Math.round(count / BLOCK_PAIRS));
  return Array.from({ length: blocks + 1 }, (_, n) => Math.floor((n * count) / blocks));
}

/**
 * The most that a block of a batch of this size, or of the smaller one that ends an epoch, has.
 * @param candidates items of the pairs, as many others drawn beside them, or all
 */
export function blockSize(
  numItems: number,
  batchSize: number,
  candidates: 'in-batch' | 'sampled' | 'all',
): BlockSize {
  if (candidates === 'all') return { pairs: batchSize, candidates: numItems };
  // Fewer than one and a half are one block.
  const pairs = Math.min(batchSize, Math.ceil(1.5 * BLOCK_PAIRS) - 1);
  return { pairs, candidates: Math.min(numItems, candidates === 'sampled' ? 2 * pairs : pairs) };
}

/**
 * Some pairs of a batch with their candidates. Their distinct users, the anchors, have the first rows of a table, the
 * candidates those from `firstItem` on, both in the order in which they appear.
 */
export class SoftmaxBlock {
  /** The row of the first candidate: a multiple of 8. */
  readonly firstItem: number;
  /** The batch's slots of the anchors, and of the candidates. */
  readonly users: I32Buffer;
  readonly items: I32Buffer;
  numUsers = 0;
  numItems = 0;
  /** By anchor: the candidate that is the positive of its first pair. */
  readonly positives: I32Buffer;
  /** By anchor: its pairs. */
  readonly pairs: Int32Array;
  /** By candidate: how often it is a positive, and how often it was drawn in all. */
  readonly timesPositive: Int32Array;
  readonly timesDrawn: Int32Array;
  /** Further pairs of anchors: the rows of the anchor, of its first positive and of the pair's own. */
  readonly further: {
    readonly users: I32Buffer<'slot'>;
    readonly firsts: I32Buffer<'slot'>;
    readonly owns: I32Buffer<'slot'>;
  };
  numFurther = 0;
  /** Row of each of the batch's slots, −1 where it has none. */
  readonly #rows: Int32Array;
  /** The batch's pairs, those of a user next to each other. */
  readonly #order: Int32Array;
  /** By user of the batch: where the pairs begin that are not in the order yet. */
  readonly #starts: Int32Array;

  /** @param slots the most distinct nodes of a batch */
  constructor(workspace: Workspace, { pairs, candidates }: BlockSize, batchSize: number, slots: number) {
    const list = () => workspace.i32<'slot'>(pairs);
    this.firstItem = roundUp(pairs, 8);
    this.users = workspace.i32(pairs);
    this.items = workspace.i32(candidates);
    this.positives = workspace.i32(pairs);
    this.pairs = new Int32Array(pairs);
    [this.timesPositive, this.timesDrawn] = [new Int32Array(candidates), new Int32Array(candidates)];
    this.further = { users: list(), firsts: list(), owns: list() };
    this.#rows = new Int32Array(slots).fill(-1);
    this.#order = new Int32Array(batchSize);
    this.#starts = new Int32Array(batchSize + 1);
  }

  /**
   * Before the blocks of a batch are taken: puts its pairs in the order in which their users appear in it, so that a
   * user's pairs share blocks, in which the user is scored once.
   */
  groupByUser({ userSlots, numUsers }: PlannedBatch, count: number): void {
    const users = userSlots.view;
    const starts = this.#starts.fill(0, 0, numUsers + 1);
    for (let b = 0; b < count; b++) starts[users[b] + 1]++;
    for (let user = 0; user < numUsers; user++) starts[user + 1] += starts[user];
    for (let b = 0; b < count; b++) this.#order[starts[users[b]]++] = b;
  }

  /** Takes the pairs first … end − 1 of that order. @param others candidates of every block */
  take(planned: PlannedBatch, first: number, end: number, others?: OtherNodes): void {
    this.#clear();
    const [users, positives] = [planned.userSlots.view, planned.positiveSlots.view];
    const { users: anchors, firsts, owns } = this.further;
    this.timesPositive.fill(0);
    for (const b of this.#order.subarray(first, end)) {
      const known = this.#rows[users[b]];
      const user = known < 0 ? this.#addUser(users[b]) : known;
      const item = this.#item(positives[b]);
      this.timesPositive[item - this.firstItem]++;
      if (known < 0) {
        this.positives.view[user] = item - this.firstItem;
        this.pairs[user] = 1;
        continue;
      }
      this.pairs[user]++;
      anchors.view[this.numFurther] = user;
      firsts.view[this.numFurther] = this.firstItem + this.positives.view[user];
      owns.view[this.numFurther++] = item;
    }
    this.timesDrawn.set(this.timesPositive);
    if (planned.hasNegatives)
      for (const b of this.#order.subarray(first, end))
        this.timesDrawn[this.#item(planned.negativeSlots.view[b]) - this.firstItem]++;
    for (const slot of others?.slots.view ?? []) this.#item(slot);
  }

  #addUser(slot: number): number {
    this.users.view[this.numUsers] = slot;
    this.#rows[slot] = this.numUsers;
    return this.numUsers++;
  }

  /** The row of a candidate. */
  #item(slot: number): number {
    if (this.#rows[slot] >= 0) return this.#rows[slot];
    const row = this.firstItem + this.numItems++;
    this.items.view[row - this.firstItem] = slot;
    this.#rows[slot] = row;
    return row;
  }

  #clear(): void {
    for (const slot of this.users.view.subarray(0, this.numUsers)) this.#rows[slot] = -1;
    for (const slot of this.items.view.subarray(0, this.numItems)) this.#rows[slot] = -1;
    [this.numUsers, this.numItems, this.numFurther] = [0, 0, 0];
  }
}
