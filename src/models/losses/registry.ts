import type { Descriptors, OptionDescriptor, Resolved } from '../../options/descriptor.ts';
import { variant } from '../../options/objects.ts';
import { bce } from './bce.ts';
import { bpr } from './bpr.ts';
import { debiased } from './debiased.ts';
import type { LossDescriptor } from './loss.ts';
import type { RankingLossDescriptor, RankingLossSetting } from './rankingLoss.ts';
import { softmax } from './softmax.ts';

/** The ranking losses, of which LightGCN, BPR-MF and SGL take any. A new one is a line here. */
export const RANKING_LOSSES = [bpr, softmax, bce, debiased] as const;

/**
 * A loss that ranks items, as the registry lists them.
 *
 * @example
 * const names: RankingLoss['name'][] = ['bpr'];
 */
export type RankingLoss = (typeof RANKING_LOSSES)[number];

/**
 * Which ranking loss a model has, with options of its own.
 *
 * @example
 * const loss: LossOptions = { name: 'bpr' };
 * const trained = await train({ split }, { model: 'lightgcn', dim: 8, epochs: 1, loss });
 */
export type LossOptions = {
  [L in RankingLoss as L['name']]: { readonly name: L['name'] } & Partial<Resolved<L['options']>>;
}[RankingLoss['name']];

/** BPR: the authors' choice. */
export const BPR: LossOptions = { name: 'bpr' };

/** The option `loss`. */
export const LOSS_OPTION = variant(
  Object.fromEntries(RANKING_LOSSES.map(({ name, options }) => [name, options as Descriptors])),
  { about: 'what ranking is learned by', flag: '--loss <name>', default: BPR },
) as unknown as OptionDescriptor<LossOptions, LossOptions>;

/** The ranking loss that the option `loss` names. */
export function rankingLoss(setting: RankingLossSetting): LossDescriptor {
  return {
    usesNegatives: ({ loss }) => describeLoss(loss).usesNegatives(loss),
    create: (parts) => describeLoss(parts.options.loss).create(parts, setting, parts.options.loss),
    work: (graph, dim, size) => describeLoss(size.loss).work?.(graph, dim, size, size.loss) ?? 0,
    slots: (graph, { batchSize, loss }) =>
      describeLoss(loss).slots?.(graph, batchSize, loss) ?? 3 * batchSize,
  };
}

/** What is known of the ranking loss of a name. */
export function describeLoss({ name }: LossOptions): RankingLossDescriptor {
  return RANKING_LOSSES.find((loss) => loss.name === name) as unknown as RankingLossDescriptor;
}
