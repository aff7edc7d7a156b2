import type { OptionDescriptor, Resolved } from '../../options/descriptor.ts';
import { variant } from '../../options/objects.ts';
import { bpr } from './bpr.ts';
import type { LossDescriptor } from './loss.ts';
import type { RankingLossDescriptor, RankingLossSetting } from './rankingLoss.ts';

/** The ranking losses, of which LightGCN, BPR-MF and SGL take any. A new one is a line here. */
export const RANKING_LOSSES = [bpr] as const;

type RankingLoss = (typeof RANKING_LOSSES)[number];

/** Which ranking loss a model has, with options of its own. */
export type LossOptions = {
  [L in RankingLoss as L['name']]: { readonly name: L['name'] } & Partial<Resolved<L['options']>>;
}[RankingLoss['name']];

/** The option `loss`. */
export const LOSS_OPTION = variant(
  Object.fromEntries(RANKING_LOSSES.map(({ name, options }) => [name, options])),
  {
    about: 'what ranking is learned by',
    ...{
      flag: '--loss <name>',
      default: { name: 'bpr' },
      source: 'the configuration of the authors of LLMInit',
    },
  },
) as OptionDescriptor<LossOptions, LossOptions>;

/** The ranking loss that the option `loss` names. */
export function rankingLoss(setting: RankingLossSetting): LossDescriptor {
  return {
    usesNegatives: ({ loss }) => find(loss).usesNegatives,
    create: (parts) => find(parts.options.loss).create(parts, setting, parts.options.loss),
    bytes: (graph, dim, size) => find(size.loss).bytes(graph, dim, size, size.loss),
    slots: (graph, { batchSize, loss }) => find(loss).slots?.(graph, batchSize, loss) ?? 3 * batchSize,
  };
}

function find({ name }: LossOptions): RankingLossDescriptor<string, Record<never, never>> {
  return RANKING_LOSSES.find((loss) => loss.name === name)!;
}
