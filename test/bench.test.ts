import { describe, expect, it } from 'vitest';

// The bench is plain JavaScript without types.
const { measure, takingTurns } = await import(new URL('../bench/measure.mjs', import.meta.url).href);
const { checkGoals, verdict } = await import(new URL('../bench/goals.mjs', import.meta.url).href);

/** A contestant that writes down when it runs and says that it took `ms`. */
function contestant(name: string, ms: number, log: string[]) {
  const run = () => {
    log.push(name);
    return ms;
  };
  return { name, run };
}

describe('measure', () => {
  it('gives every contestant as many turns, and none two in a row', async () => {
    for (const names of ['ab', 'abc', 'abcd']) {
      const log: string[] = [];
      // By what they say the runs are long enough for one to fill a turn and all of the warm-up.
      const rows = await measure([...names].map((name) => contestant(name, 700, log)));
      const turns = log.slice(names.length);
      expect(rows.map(({ turnMs }: { turnMs: number[] }) => turnMs.length)).toEqual(
        [...names].map(() => turns.length / names.length),
      );
      expect(turns.length).toBeGreaterThanOrEqual(12 * names.length);
      expect(turns.findIndex((name, n) => name === turns[n + 1])).toBe(-1);
    }
  });

  it('lets copies take turns, all of them warmed up, with the numbers of the first', async () => {
    const log: string[] = [];
    const copies = ['x', 'y', 'z'].map((name) => ({
      ...contestant(name, 700, log),
      result: () => [name === 'x' ? [2, 4] : [0, 0]],
    }));
    const [row] = await measure([takingTurns(copies)], [Float64Array.of(2, 5)]);
    expect(log.slice(0, 6).join('')).toBe('xyzxyz');
    expect(log.length).toBe(3 + row.turnMs.length);
    expect(row.error).toBeCloseTo(0.2);
  });
});

describe('checkGoals', () => {
  const row = (name: string, turnMs: number[], rest = {}) => ({
    name,
    turnMs,
    minMs: Math.min(...turnMs),
    medianMs: turnMs[0],
    ...rest,
  });
  const select = [
    {
      key: 'select',
      rows: [row('llminit', [2, 1, 4], { ours: true }), row('numpy', [8, 3, 10]), row('torch', [18, 9])],
    },
  ];
  const found = (results: object, against: string, workload = '') =>
    checkGoals(results).find(
      (goal: { workload: string; against: string }) =>
        goal.against === against && goal.workload.startsWith(workload),
    );

  it('takes the median of the ratios of each turn, beside those of minima and medians', () => {
    const numpy = found({ select }, 'numpy');
    expect([numpy.value, numpy.ofMinima, numpy.ofMedians]).toEqual([3, 3, 4]);
    expect(verdict(numpy)).toBe('floor');
    // Of a contestant with fewer turns, the turns that it has.
    expect(found({ select }, 'torch', 'variance').value).toBe(9);
  });

  it('calls missed what is below the floor, and does not judge what has not been measured', () => {
    const entry = { least: true, floor: 3, goal: 4 };
    expect([2.99, 3, 4].map((value) => verdict({ ...entry, value }))).toEqual(['**missed**', 'floor', 'met']);
    const size = { least: false, floor: 40, goal: 24 };
    expect([41, 40, 24].map((value) => verdict({ ...size, value }))).toEqual(['**missed**', 'floor', 'met']);
    expect(verdict(found({ select }, 'clang native, prefetch'))).toBe('not measured');
    expect(found({ wasm: [{ bytes: 23_900 }] }, 'KB').value).toBe(23.9);
  });
});
