import { OptionError, shown } from '../../errors.ts';
import { fits, type Machines, type Need, type Scale, stagesOf } from './stages.ts';

/** One stage of a plan. */
export interface PlannedStage {
  readonly stage: string;
  readonly engine: string;
  /** one machine, with what is embedded */
  readonly here: Need & { readonly fits: boolean };
  /** each of the machines, with the engine; seconds with the time of what it receives */
  readonly there: Need & { readonly fits: boolean; readonly networkSeconds: number };
  /**
   * The most interactions, with as many users and items in proportion, that one machine takes; beyond it the stage
   * should move.
   */
  readonly movesAt: number;
  /** whether it should move at this scale */
  readonly moves: boolean;
}

/**
 * Memory and time of each stage on one machine and with the engine that takes over, from the rates of `rates.ts`.
 *
 * Model of communication: what a machine receives comes at the speed of its network and beside no computation; the seconds of
 * computation are those of one core of a machine, as measured for the kernels of this package, and are shared evenly. A graphics
 * card computes faster and receives as slowly.
 *
 * @throws {OptionError} for numbers that are none of data: fewer interactions than users or items, more than pairs
 */
export function planScale(scale: Scale, machines: Machines): readonly PlannedStage[] {
  checkScale(scale);
  return stagesOf(scale).map((stage) => {
    const here = stage.here(scale);
    const there = stage.there(scale, machines);
    const fitsHere = fits(here, machines.memory);
    return {
      stage: stage.name,
      engine: stage.engine,
      here: { ...withRate(here, stage.name, machines), fits: fitsHere },
      there: {
        ...there,
        fits: there.memory <= machines.memory,
        networkSeconds: there.traffic / machines.network,
      },
      movesAt: threshold(scale, (smaller) => fits(stage.here(smaller), machines.memory)),
      moves: !fitsHere,
    };
  });
}

/** Embedding depends on the encoder, whose rate the machines tell. */
function withRate(need: Need, stage: string, { textsPerSecond }: Machines): Need {
  return stage === 'embedding' ? { ...need, seconds: need.seconds / textsPerSecond } : need;
}

/** The most interactions at which a way fits, in steps of a hundredth, everything else in proportion. */
function threshold(scale: Scale, fitsAt: (scale: Scale) => boolean): number {
  const at = (factor: number): Scale => ({
    ...scale,
    users: Math.max(1, Math.round(scale.users * factor)),
    items: Math.max(2, Math.round(scale.items * factor)),
    interactions: Math.max(2, Math.round(scale.interactions * factor)),
  });
  let [low, high] = [1 / scale.interactions, 1e6];
  if (!fitsAt(at(low))) return 0;
  while (high / low > 1.01) {
    const middle = Math.sqrt(low * high);
    if (fitsAt(at(middle))) low = middle;
    else high = middle;
  }
  return Math.round(Number((low * scale.interactions).toPrecision(2)));
}

function checkScale({ users, items, interactions }: Scale): void {
  const least = Math.max(users, items);
  const most = users * items;
  if (interactions >= least && interactions <= most) return;
  const problem = `expected ${least} to ${most} interactions of ${users} users and ${items} items, received ${shown(interactions)}`;
  throw new OptionError('plan', problem, 'Count those that are left by filters', 'interactions');
}
