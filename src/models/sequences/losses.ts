import { bceRows } from '../../kernels/bce.ts';
import { type ContrastiveScratch, contrastiveScratch } from '../../kernels/blocks.ts';
import { infoNce } from '../../kernels/infonce.ts';
import type { F32Buffer, I32Buffer, Matrix } from '../../runtime/buffers.ts';
import { PURPOSE, Random } from '../../runtime/random.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import type { SequenceBatch } from './batch.ts';

/** How the next item is learned: against all items, or against one that is drawn. */
export const SEQUENCE_LOSSES = ['cross-entropy', 'bce'] as const;

/**
 * One of `cross-entropy`, against all items, and `bce`, against one that is drawn.
 *
 * @example
 * const sequenceLoss: SequenceLossName = 'bce';
 */
export type SequenceLossName = (typeof SEQUENCE_LOSSES)[number];

/** A loss of hidden states and items. */
export interface SequenceLoss {
  /**
   * The mean over the rows of a batch.
   * @param update number of this update, from 1: what is drawn depends on it
   * @param dHidden overwritten
   * @param dItems accumulated
   */
  compute(
    hidden: Matrix,
    rows: number,
    items: Matrix,
    batch: SequenceBatch,
    update: number,
    dHidden: Matrix,
    dItems: Matrix,
  ): number;
}

/** Weights of the rows in a mean. */
function shares({ weights }: SequenceBatch, rows: number, out: F32Buffer): void {
  const [given, own] = [weights.view, out.view];
  for (let r = 0; r < rows; r++) own[r] = given[r] / rows;
}

function sum(losses: F32Buffer, rows: number): number {
  const values = losses.view;
  let total = 0;
  for (let r = 0; r < rows; r++) total += values[r];
  return total;
}

/** −log softmax of the next item's score over all items (RecBole's SASRec with loss_type CE). */
class CrossEntropy implements SequenceLoss {
  readonly #workspace: Workspace;
  readonly #scratch: ContrastiveScratch;
  readonly #weights: F32Buffer;
  readonly #losses: F32Buffer;

  constructor(workspace: Workspace, numItems: number, dim: number, rows: number) {
    this.#workspace = workspace;
    this.#scratch = contrastiveScratch(workspace, numItems, dim);
    this.#weights = workspace.f32(rows);
    this.#losses = workspace.f32(rows);
  }

  compute(
    hidden: Matrix,
    rows: number,
    items: Matrix,
    batch: SequenceBatch,
    _update: number,
    dHidden: Matrix,
    dItems: Matrix,
  ): number {
    shares(batch, rows, this.#weights);
    infoNce(
      this.#workspace,
      ...([hidden, rows, items, items.rows, batch.targets, this.#weights, 1] as const),
      ...([this.#scratch, this.#losses, dHidden, dItems, [-Infinity, Infinity]] as const),
    );
    return sum(this.#losses, rows);
  }
}

/** Binary cross entropy with one item that the user does not have (Kang & McAuley 2018, Eq. 6). */
class BinaryCrossEntropy implements SequenceLoss {
  readonly #workspace: Workspace;
  readonly #seed: number;
  readonly #negatives: I32Buffer;
  readonly #weights: F32Buffer;
  readonly #losses: F32Buffer;

  constructor(workspace: Workspace, seed: number, rows: number) {
    this.#workspace = workspace;
    this.#seed = seed;
    this.#negatives = workspace.i32(rows);
    this.#weights = workspace.f32(rows);
    this.#losses = workspace.f32(rows);
  }

  compute(
    hidden: Matrix,
    rows: number,
    items: Matrix,
    batch: SequenceBatch,
    update: number,
    dHidden: Matrix,
    dItems: Matrix,
  ): number {
    shares(batch, rows, this.#weights);
    this.#draw(batch, rows, update);
    bceRows(
      this.#workspace,
      ...([hidden, rows, items, batch.targets, this.#negatives] as const),
      ...([this.#weights, this.#losses, dHidden, dItems] as const),
    );
    return sum(this.#losses, rows);
  }

  /** A negative a row; rows of users who have all items weigh nothing. */
  #draw({ users, targets, data }: SequenceBatch, rows: number, update: number): void {
    const { interactions, numItems } = data;
    const random = new Random(this.#seed, PURPOSE.negatives, update);
    const [negatives, positives, weights] = [this.#negatives.view, targets.view, this.#weights.view];
    let [user, own] = [-1, new Set<number>()];
    for (let r = 0; r < rows; r++) {
      if (users[r] !== user) {
        user = users[r];
        own = new Set(interactions.colIdx.subarray(interactions.rowPtr[user], interactions.rowPtr[user + 1]));
      }
      negatives[r] = positives[r];
      if (own.size >= numItems) weights[r] = 0;
      else while (own.has(negatives[r])) negatives[r] = random.below(numItems);
    }
  }
}

/** The loss of a name, laid out in a workspace that may only count. @param rows the most of a batch */
export function sequenceLoss(
  name: SequenceLossName,
  workspace: Workspace,
  numItems: number,
  dim: number,
  rows: number,
  seed: number,
): SequenceLoss {
  return name === 'bce'
    ? new BinaryCrossEntropy(workspace, seed, rows)
    : new CrossEntropy(workspace, numItems, dim, rows);
}
