import { afterEach, describe, expect, it, vi } from 'vitest';
import { progressTo } from '../../src/cli/progress.ts';
import { Stopwatch, timeLeft } from '../../src/cli/timeLeft.ts';

afterEach(() => vi.useRealTimers());

it.each([
  [[100, 400, 10_000, 0], 'about 30 s left'],
  [[300, 400, 10_000, 200], 'about 10 s left'],
  [[100, 4000, 10_000, 0], 'about 7 min left'],
  [[10, 40_000, 10_000, 0], 'about 12 h left'],
  [[100, 400, 10_000, 100], ''],
  [[400, 400, 10_000, 0], ''],
  [[1, 400, 500, 0], ''],
] as const)('done, total, ms and free steps of %j leave "%s"', ([done, total, ms, free], text) => {
  expect(timeLeft(done, total, ms, free)).toBe(text);
});

describe('a stopwatch', () => {
  it('counts from the first step of each job, and leaves out what was found finished', () => {
    vi.useFakeTimers();
    const watch = new Stopwatch();
    expect(watch.left('a', 50, 100)).toBe('');
    vi.advanceTimersByTime(5000);
    expect(watch.left('a', 60, 100)).toBe('about 20 s left');
    expect(watch.left('a', 80, 100, 20)).toBe('about 10 s left');
    expect(watch.left('b', 10, 100)).toBe('');
    vi.advanceTimersByTime(3000);
    expect(watch.left('b', 40, 100)).toBe('about 6 s left');
    // The next trial under the same name.
    expect(watch.left('b', 1, 100)).toBe('');
  });
});

describe('progress in a pipe', () => {
  it('tells what is left, of a training at most, in plain lines without colours', () => {
    vi.useFakeTimers();
    const lines: string[] = [];
    const stream = { isTTY: false, write: (text: string) => lines.push(text) };
    const progress = progressTo(stream as never, false);
    const epoch = { kind: 'epoch', epochs: 20, batch: 4, batches: 4, loss: 0.5, metric: null } as const;
    for (const n of [1, 2, 3]) {
      progress.training('train', { ...epoch, epoch: n, bestEpoch: 0, bestMetric: null });
      vi.advanceTimersByTime(3000);
    }
    expect(lines).toEqual([
      'train epoch 1/20  loss 0.5000\n',
      'train epoch 2/20  loss 0.5000  at most 54 s left\n',
      'train epoch 3/20  loss 0.5000  at most 51 s left\n',
    ]);
    progress.step('embedding', 10, 40, 0);
    vi.advanceTimersByTime(3000);
    progress.step('embedding', 20, 40, 0);
    expect(lines.slice(3)).toEqual(['embedding 10/40\n', 'embedding 20/40  about 6 s left\n']);
  });
});
