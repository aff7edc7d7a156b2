import { describe, expect, it } from 'vitest';
import { textNeighbours } from '../../../src/models/closed/textNeighbours.ts';
import { load } from '../../../src/runtime/load.ts';
import { loadThreads } from '../../../src/runtime/loadThreads.ts';
import { Turns } from '../../../src/runtime/turns.ts';
import { randomIndices, randomValues } from '../../kernels/harness.ts';

const WIDTH = 16;

/** Unit rows in themes, as texts have them. */
function themed(items: number, themes: number): Float32Array {
  const centres = randomValues(themes * WIDTH, 1);
  const noise = randomValues(items * WIDTH, 2);
  const themeOf = randomIndices(items, themes);
  const rows = noise.map(
    (value, at) => centres[themeOf[Math.floor(at / WIDTH)] * WIDTH + (at % WIDTH)] + 0.6 * value,
  );
  for (let first = 0; first < rows.length; first += WIDTH) {
    const length = Math.sqrt(
      rows.subarray(first, first + WIDTH).reduce((sum, value) => sum + value * value, 0),
    );
    for (let at = first; at < first + WIDTH; at++) rows[at] /= length;
  }
  return rows;
}

async function search(rows: Float32Array, count: number, runtime = load()) {
  const items = rows.length / WIDTH;
  const workspace = (await runtime).open();
  const table = workspace.matrix(Math.ceil(items / 4) * 4, WIDTH);
  table.write(rows);
  const mark = workspace.mark();
  const found = await textNeighbours(workspace, table, table, items, count, new Turns());
  expect(workspace.mark()).toBe(mark);
  return found.items;
}

/** By comparing each with all others; ties to the lower item. */
function exact(rows: Float32Array, target: number, count: number): number[] {
  const score = (i: number) => {
    let sum = 0;
    for (let k = 0; k < WIDTH; k++) sum += rows[i * WIDTH + k] * rows[target * WIDTH + k];
    return sum;
  };
  return Array.from({ length: rows.length / WIDTH }, (_, i) => ({ i, score: score(i) }))
    .filter(({ i }) => i !== target)
    .sort((a, b) => b.score - a.score || a.i - b.i)
    .slice(0, count)
    .map(({ i }) => i);
}

describe('textNeighbours', () => {
  it('finds what comparing with all finds where there are no more clusters than are searched', async () => {
    const rows = themed(203, 9);
    const found = await search(rows, 10);
    for (const target of [0, 57, 202])
      expect([...found.subarray(target * 10, (target + 1) * 10)]).toEqual(exact(rows, target, 10));
  });

  it('finds nine in ten of the neighbours among many clusters, with the same bytes for any number of threads', async () => {
    const rows = themed(3001, 120);
    const found = await search(rows, 10);
    let hits = 0;
    for (let target = 0; target < 3001; target += 100) {
      const wanted = exact(rows, target, 10);
      hits += [...found.subarray(target * 10, (target + 1) * 10)].filter((item) =>
        wanted.includes(item),
      ).length;
    }
    expect(hits / 310).toBeGreaterThan(0.9);
    const threads = await loadThreads({ threads: 2, onFallback: () => {} });
    expect(await search(rows, 10, Promise.resolve(threads))).toEqual(found);
    threads.close();
  });

  it('leaves places open where there are too few items, and takes rows of zeros', async () => {
    const rows = themed(5, 2);
    rows.fill(0, 0, WIDTH);
    const found = await search(rows, 8);
    expect([...found.subarray(8, 16)].filter((item) => item >= 0).sort()).toEqual([0, 2, 3, 4]);
    expect([...found.subarray(12, 16)]).toEqual([-1, -1, -1, -1]);
  });
});
