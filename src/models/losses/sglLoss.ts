import { type ContrastiveScratch, contrastiveScratch } from '../../kernels/blocks.ts';
import { infoNce } from '../../kernels/infonce.ts';
import type { F32Buffer, I32Buffer, Matrix } from '../../runtime/buffers.ts';
import type { PlannedBatch } from '../batchRows.ts';
import type { ViewEncoder } from '../encoders/viewEncoder.ts';
import { DENSE_WORK } from '../work.ts';
import type { Loss, LossDescriptor, LossParts } from './loss.ts';
import { countRows, UnitRows } from './scoredRows.ts';

/**
 * λ · (InfoNCE of the batch's users + InfoNCE of its positive items), summed over the batch, repeats counted:
 * −log( e^{⟨z'_a, z''_a⟩/τ} / Σ_{all c} e^{⟨z'_a, z''_c⟩/τ} ) with unit rows z' of view 1 and z'' of view 2.
 */
class ViewContrast {
  readonly #parts: LossParts<ViewEncoder>;
  readonly #anchors: UnitRows;
  readonly #candidates: UnitRows;
  readonly #positives: I32Buffer;
  readonly #weights: F32Buffer;
  readonly #losses: F32Buffer;
  readonly #scratch: ContrastiveScratch;

  constructor(parts: LossParts<ViewEncoder>) {
    const { workspace, graph, dim, options } = parts;
    const side = Math.max(graph.numUsers, graph.numItems);
    const most = Math.min(options.batchSize, side);
    this.#parts = parts;
    this.#anchors = new UnitRows(workspace, most, dim);
    this.#candidates = new UnitRows(workspace, side, dim);
    this.#positives = workspace.i32(most);
    this.#weights = workspace.f32(most);
    this.#losses = workspace.f32(most);
    this.#scratch = contrastiveScratch(workspace, side, dim);
  }

  /** The loss; leaves its gradients in `encoder.z1` and `encoder.dZ2`. */
  compute(planned: PlannedBatch, count: number): number {
    const { encoder, graph, options } = this.#parts;
    const { numUsers, numPositives, userSlots, positiveSlots } = planned;
    const z2 = encoder.forwardViews(planned);
    encoder.dZ2.view.fill(0);
    const byUsers = this.#side(planned, userSlots, count, 0, numUsers, z2, 0, graph.numUsers);
    const [all, first] = [graph.numItems, graph.numUsers];
    const byItems = this.#side(planned, positiveSlots, count, numUsers, numPositives, z2, first, all);
    return options.sslWeight * (byUsers + byItems);
  }

  /** Slots first … first + size − 1 against nodes from … from + all − 1. */
  #side(
    planned: PlannedBatch,
    slots: I32Buffer<'slot'>,
    count: number,
    first: number,
    size: number,
    z2: Matrix,
    from: number,
    all: number,
  ): number {
    const { workspace, encoder, options } = this.#parts;
    const z1 = encoder.z1.slice(first, size);
    const nodes = planned.nodes.view;
    const own = this.#positives.view;
    for (let slot = 0; slot < size; slot++) own[slot] = nodes[first + slot] - from;
    countRows(slots, count, first, size, this.#weights);
    const [anchors, candidates] = [this.#anchors, this.#candidates];
    anchors.take(z1, size);
    candidates.take(z2.slice(from, all), all);
    candidates.gradient.view.fill(0);
    infoNce(
      workspace,
      ...([anchors.unit, size, candidates.unit, all] as const),
      this.#positives,
      this.#weights,
      options.temperature,
      this.#scratch,
      this.#losses,
      anchors.gradient,
      candidates.gradient,
    );
    const scale = options.sslWeight * encoder.gradientScale;
    z1.view.fill(0);
    anchors.backward(z1, scale);
    candidates.backward(encoder.dZ2.slice(from, all), scale);
    let loss = 0;
    for (const value of this.#losses.view.subarray(0, size)) loss += value;
    return loss;
  }
}

/** A ranking loss over the whole graph and the contrast of two views of it: the loss of SGL. */
export function withViewContrast(ranking: LossDescriptor): LossDescriptor<ViewEncoder> {
  return {
    usesNegatives: ranking.usesNegatives,
    create(parts): Loss {
      const main = ranking.create(parts);
      const contrast = new ViewContrast(parts);
      return {
        others: main.others,
        start: (graph) => main.start?.(graph),
        compute: (planned, count) => main.compute(planned, count) + contrast.compute(planned, count),
      };
    },
    slots: ranking.slots,
    // Users and items of the batch, each against all of their side.
    work: (graph, dim, size) =>
      (ranking.work?.(graph, dim, size) ?? 0) + 3 * DENSE_WORK * size.batchSize * graph.numNodes * dim,
  };
}
