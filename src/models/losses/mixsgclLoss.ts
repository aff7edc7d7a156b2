import { PURPOSE, Random } from '../../runtime/random.ts';
import type { BatchRows, PlannedBatch } from '../batchRows.ts';
import type { LayerEncoder } from '../encoders/layerEncoder.ts';
import { DENSE_WORK } from '../work.ts';
import type { Loss, LossDescriptor, LossParts } from './loss.ts';
import { PairLoss } from './pairLoss.ts';
import { PairMix } from './pairMix.ts';

/** A number in [0, 1) for each call, of update `step`. */
export type DrawMixtures = (seed: number, step: number) => () => number;

/**
 * The SGCL loss of three sets of pairs, each with its own denominators, summed (MixSGCL; see mixsgcl.ts):
 * the rows of Z, mixtures of their layers, and mixtures of each pair.
 */
class MixSgclLoss implements Loss {
  readonly #parts: LossParts<LayerEncoder>;
  readonly #rows: BatchRows;
  readonly #draws: DrawMixtures;
  readonly #nodePairs: PairLoss;
  readonly #mixedPairs: PairLoss;
  readonly #pairMix: PairMix;

  constructor(parts: LossParts<LayerEncoder>, draws: DrawMixtures) {
    const { workspace, dim, options, rows } = parts;
    const { batchSize, temperature } = options;
    this.#parts = parts;
    this.#rows = rows;
    this.#draws = draws;
    this.#nodePairs = new PairLoss(workspace, dim, batchSize, temperature);
    this.#mixedPairs = new PairLoss(workspace, dim, batchSize, temperature);
    this.#pairMix = new PairMix(workspace, dim, batchSize);
  }

  compute(planned: PlannedBatch, count: number): number {
    const { encoder, parameters, options } = this.#parts;
    const { z, gradient } = this.#rows;
    const { numUsers, numPositives } = planned;
    gradient.decay.view.fill(0, 0, planned.numSlots);
    const draw = this.#draws(options.seed, parameters.steps);
    this.#drawShares(planned.numSlots, draw);
    encoder.mix(planned);
    const { mixed, dMixed } = encoder;
    const sides = (table: typeof z) =>
      [table.slice(0, numUsers), table.slice(numUsers, numPositives)] as const;
    const forward = (pairs: PairLoss, table: typeof z) => {
      const [users, items] = sides(table);
      pairs.plan(planned, count);
      return pairs.forward(users, numUsers, items, numPositives, count);
    };
    const loss2 = forward(this.#mixedPairs, mixed);
    dMixed.view.fill(0);
    this.#mixedPairs.backward(...sides(dMixed), 1);
    const loss1 = forward(this.#nodePairs, z);
    // The other loss is done with its tables: the pair mix uses them.
    const loss3 = this.#pairMix.addLoss(this.#nodePairs, this.#mixedPairs, count, draw);
    this.#nodePairs.backward(...sides(gradient.gradient), 1);
    return loss1 + loss2 + loss3;
  }

  #drawShares(numSlots: number, draw: () => number): void {
    const shares = this.#parts.encoder.shares.map(({ view }) => view);
    for (let slot = 0; slot < numSlots; slot++) {
      const drawn = shares.map(draw);
      const sum = drawn.reduce((a, b) => a + b, 0);
      // All zero has probability 2⁻²⁴⁽ᴸ⁺¹⁾ and no mixture; the mean is one.
      shares.forEach((view, layer) => {
        view[slot] = sum > 0 ? drawn[layer] / sum : 1 / shares.length;
      });
    }
  }
}

/** The loss with mixtures drawn by `draws`. */
export function mixsgclLoss(draws: DrawMixtures = drawsOf): LossDescriptor<LayerEncoder> {
  return {
    usesNegatives: () => false,
    create: (parts) => new MixSgclLoss(parts, draws),
    work: (_graph, dim, { batchSize }) => 12 * DENSE_WORK * batchSize * batchSize * dim,
  };
}

function drawsOf(seed: number, step: number): () => number {
  const random = new Random(seed, PURPOSE.views, step);
  return () => random.uniform();
}
