import { clearSlots, planBatch } from '../kernels/batch.ts';
import type { BackwardScratch, BatchGradient } from '../kernels/spmm.ts';
import { blockElements } from '../kernels/step.ts';
import type { F32Buffer, I32Buffer, Matrix } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';
import type { Batch } from './model.ts';

/** A batch names a node several times; its rows are computed once. Slot s stands for node `nodes[s]`. */
export interface PlannedBatch {
  /** Distinct nodes, by slot. */
  readonly nodes: I32Buffer<'node'>;
  readonly numSlots: number;
  /** The users have the first slots, the positives the next, and negatives that are neither the last. */
  readonly numUsers: number;
  readonly numPositives: number;
  /** Slots of the batch's users, positives and negatives. */
  readonly userSlots: I32Buffer<'slot'>;
  readonly positiveSlots: I32Buffer<'slot'>;
  readonly negativeSlots: I32Buffer<'slot'>;
  /** Whether the batch has negatives. */
  readonly hasNegatives: boolean;
}

/** Nodes beside those of a batch whose final rows its loss reads, and their slots, which `plan` fills in. */
export interface OtherNodes {
  readonly nodes: I32Buffer<'node'>;
  readonly slots: I32Buffer<'slot'>;
}

/** Compact tables of one batch: the rows of its distinct nodes. */
export class BatchRows {
  /** Final rows Z of the slots. */
  readonly z: Matrix;
  /** dLoss/dZ and the decay of the slots. */
  readonly gradient: BatchGradient;
  readonly scratch: BackwardScratch;
  readonly margins: F32Buffer;
  readonly losses: F32Buffer;
  readonly slopes: F32Buffer;
  /** ‖E⁽⁰⁾[node]‖² of the slots. */
  readonly squaredNorms: F32Buffer;
  readonly #workspace: Workspace;
  readonly #nodes: I32Buffer<'node'>;
  readonly #userSlots: I32Buffer<'slot'>;
  readonly #positiveSlots: I32Buffer<'slot'>;
  readonly #negativeSlots: I32Buffer<'slot'>;

  /**
   * @param slots the most distinct nodes of a batch
   * @param maxDegree entries of the graph's longest row
   */
  constructor(
    workspace: Workspace,
    numNodes: number,
    dim: number,
    batchSize: number,
    slots: number,
    maxDegree: number,
  ) {
    const degree = Math.ceil(maxDegree / 4) * 4 + 4;
    this.#workspace = workspace;
    this.z = workspace.matrix(slots, dim);
    this.gradient = {
      slots: workspace.i32(numNodes),
      gradient: workspace.matrix(slots, dim),
      decay: workspace.f32(slots),
    };
    this.scratch = {
      block: workspace.f32(workspace.threads * blockElements(dim)),
      hits: workspace.i32(workspace.threads * degree),
      weights: workspace.f32(workspace.threads * degree),
      degree,
    };
    this.margins = workspace.f32(batchSize);
    this.losses = workspace.f32(batchSize);
    this.slopes = workspace.f32(batchSize);
    this.squaredNorms = workspace.f32(slots);
    this.#nodes = workspace.i32(slots);
    this.#userSlots = workspace.i32(batchSize);
    this.#positiveSlots = workspace.i32(batchSize);
    this.#negativeSlots = workspace.i32(batchSize);
  }

  /** Before the first batch: no node has a slot. */
  start(): void {
    this.gradient.slots.view.fill(-1);
  }

  /** Gives the batch's nodes and some others their slots and clears the gradient of those. */
  plan(batch: Batch, withNegatives: boolean, others?: OtherNodes): PlannedBatch {
    const { slots, gradient } = this.gradient;
    const { count } = batch;
    const numUsers = planBatch(this.#workspace, batch.users, count, slots, this.#nodes, this.#userSlots, 0);
    let used = planBatch(
      this.#workspace,
      batch.positives,
      count,
      slots,
      this.#nodes,
      this.#positiveSlots,
      numUsers,
    );
    const numPositives = used - numUsers;
    if (withNegatives) {
      used = planBatch(
        this.#workspace,
        batch.negatives,
        count,
        slots,
        this.#nodes,
        this.#negativeSlots,
        used,
      );
    }
    if (others) {
      const { nodes, slots: found } = others;
      used = planBatch(this.#workspace, nodes, nodes.length, slots, this.#nodes, found, used);
    }
    gradient.view.fill(0, 0, used * gradient.stride);
    return {
      nodes: this.#nodes,
      numSlots: used,
      numUsers,
      numPositives,
      userSlots: this.#userSlots,
      positiveSlots: this.#positiveSlots,
      negativeSlots: this.#negativeSlots,
      hasNegatives: withNegatives,
    };
  }

  /** Takes the slots back. */
  clear(planned: PlannedBatch): void {
    clearSlots(this.#workspace, planned.nodes, planned.numSlots, this.gradient.slots);
  }
}
