import { describe, expect, it } from 'vitest';
import { type PlannedStage, planScale } from '../../../src/recipe/scale/plan.ts';
import type { Machines, Scale } from '../../../src/recipe/scale/stages.ts';

const LARGE: Scale = {
  ...{ users: 30e6, items: 5e6, interactions: 2e9 },
  ...{ dim: 64, textWidth: 384, batch: null },
};
const MACHINES: Machines = { count: 8, memory: 64e9, network: 1.25e9, textsPerSecond: 50 };

function named(stages: readonly PlannedStage[], name: string): PlannedStage {
  return stages.find(({ stage }) => stage.startsWith(name))!;
}

describe('a plan', () => {
  it('moves what one machine does not hold, and nothing that it does', () => {
    const large = planScale(LARGE, MACHINES);
    expect(large.filter(({ moves }) => moves).map(({ stage }) => stage.split(',')[0])).toEqual([
      ...['data', 'training', 'closed form'],
    ]);
    const small = { ...LARGE, users: 1e5, items: 2e4, interactions: 1e6 };
    expect(planScale(small, MACHINES).filter(({ moves }) => moves)).toEqual([]);
    expect(planScale({ ...small, textWidth: null }, MACHINES).map(({ stage }) => stage)).not.toContain(
      'embedding',
    );
  });

  it('lets a stage move just where it stops to fit', () => {
    for (const { stage, movesAt } of planScale(LARGE, MACHINES)) {
      const at = (factor: number) => {
        const share = (factor * movesAt) / LARGE.interactions;
        const scaled = {
          ...LARGE,
          users: Math.round(LARGE.users * share),
          items: Math.round(LARGE.items * share),
          interactions: Math.round(LARGE.interactions * share),
        };
        return named(planScale(scaled, MACHINES), stage).here.fits;
      };
      expect([stage, at(0.9), at(1.1)]).toEqual([stage, true, false]);
    }
  });

  it('puts training where WebAssembly ends: at 1.4 million nodes of 128 columns, 5.5 million of 32', () => {
    for (const [dim, nodes] of [
      [128, 1.4e6],
      [32, 5.5e6],
    ]) {
      const shape = {
        ...LARGE,
        dim,
        users: nodes * 0.8,
        items: nodes * 0.2,
        interactions: 10 * nodes,
        batch: 2048,
      };
      const { movesAt } = named(planScale(shape, { ...MACHINES, memory: 1e12 }), 'training');
      expect(movesAt / shape.interactions).toBeGreaterThan(0.7);
      expect(movesAt / shape.interactions).toBeLessThan(1.3);
    }
  });

  it('shares tables among machines, which then exchange them in every step', () => {
    const needOf = (count: number) =>
      named(planScale({ ...LARGE, batch: 2 ** 17 }, { ...MACHINES, count }), 'training').there;
    const [one, two, eight] = [1, 2, 8].map(needOf);
    expect(one.traffic).toBe(0);
    const steps = Math.ceil(2e9 / 2 ** 17);
    // Two layers forward and back: half of the tables comes from the other machine, and the rows of the batch.
    const rows = 4 * 3 * 2 ** 17 * 2 * 64;
    expect(two.traffic).toBe(steps * (4 * 4 * 64 * 35e6 * 0.5 + rows));
    expect(eight.networkSeconds).toBe(eight.traffic / MACHINES.network);
    expect(eight.memory).toBeLessThan(one.memory / 6);
    expect(eight.seconds).toBe(one.seconds / 8);
  });

  it('saves time and no memory by jobs for a closed form', () => {
    const { here, there } = named(planScale(LARGE, MACHINES), 'closed');
    expect(there.memory).toBe(here.memory);
    expect(there.seconds).toBeLessThan(here.seconds / 2);
    expect(there.seconds).toBeGreaterThan(here.seconds / 8);
  });

  it('refuses numbers that no data have', () => {
    const plan = (scale: Partial<Scale>) => () => planScale({ ...LARGE, ...scale }, MACHINES);
    expect(plan({ interactions: 1e6 })).toThrow('expected 30000000 to 150000000000000 interactions');
    expect(plan({ users: 10, items: 10, interactions: 101 })).toThrow('expected 10 to 100 interactions');
  });
});
