import { describe, expect, it } from 'vitest';

// The bench is plain JavaScript without types.
const { measure, takingTurns } = await import(new URL('../bench/measure.mjs', import.meta.url).href);
const { checkGoals, verdict } = await import(new URL('../bench/goals.mjs', import.meta.url).href);
const { wholeLines } = await import(new URL('../bench/whole/report.mjs', import.meta.url).href);

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

describe('the whole way', () => {
  const way = (name: string, metrics: number[], secondsAnEpoch: number, ours = false) => ({
    ...{ name, ours, complete: true, valid: Math.max(...metrics) },
    stages: { epochs: { processor: metrics.length * secondsAnEpoch, clock: 1 } },
    curve: metrics.map((metric, n) => ({ metric, processor: (n + 1) * secondsAnEpoch })),
    total: { processor: metrics.length * secondsAnEpoch, clock: 1 },
  });
  const whole = {
    ...{ picture: 'pictures/whole-office.svg', most: 900 },
    ways: [
      way('llminit, `train` as it comes', [0.02, 0.04, 0.06], 1, true),
      way('llminit, its graph model alone', [0.04, 0.05], 1, true),
      way('torch CSR, the same recipe', [0.01, 0.0399, 0.04], 6),
      way('torch COO, the same for 300 epochs', [0.02, 0.021, 0.05], 20),
    ],
  };
  const results = { whole: [{ key: 'office', title: 'office', rows: [], absent: [], whole }] };

  it('is over when a way has 99 % of its best, and is compared at what the other reached', () => {
    const text = wholeLines(results).join('\n');
    // 99 % of 0.04 after two epochs of 6 s; ours has that after 2 s and after 1 s.
    expect(text).toMatch(/torch CSR, the same recipe \|.*\| 12.0 \| 6.00 \| 12.0 \|/);
    // 0.05 after 60 s: ours after 3 s, and after 2 s.
    expect(text).toMatch(/300 epochs \|.*\| 60.0 \| 20.0 \| 30.0 \|/);
  });

  it('has goals in seconds and in times', () => {
    const values = Object.fromEntries(
      checkGoals(results).map(({ workload, value }: { workload: string; value: number }) => [
        workload,
        value,
      ]),
    );
    expect(values['whole `train`, office, processor s']).toBe(3);
    expect(values['`train` to 99 %, office']).toBe(20);
  });
});
