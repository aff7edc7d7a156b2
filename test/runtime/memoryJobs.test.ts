import { afterEach, describe, expect, it, vi } from 'vitest';
import { Arena } from '../../src/runtime/arena.ts';
import { load, Runtime } from '../../src/runtime/load.ts';
import { loadThreads } from '../../src/runtime/loadThreads.ts';
import { Workspace } from '../../src/runtime/workspace.ts';
import { MEMORY_JOBS } from './memoryJobs.ts';

/** `allocate` is protected: what every buffer of a workspace comes from. */
const arena = Arena.prototype as unknown as { allocate(bytes: number): number };
const allocate = arena.allocate;

/** Allocations that fail in a job, at most. */
const MOST_FAILURES = 12;

afterEach(() => vi.restoreAllMocks());

/** The workspaces that a job opens, with what it has said to need of each. */
function openings(): { readonly said: number; readonly workspace: Workspace }[] {
  const seen: { said: number; workspace: Workspace }[] = [];
  const open = Runtime.prototype.open;
  vi.spyOn(Runtime.prototype, 'open').mockImplementation(function (this: Runtime, said = 0, name?: string) {
    const workspace = open.call(this, said, name);
    seen.push({ said, workspace });
    return workspace;
  });
  return seen;
}

/** Counts allocations in memory; the n-th finds none. */
function failing(n: number): { count: number } {
  const seen = { count: 0 };
  vi.spyOn(arena, 'allocate').mockImplementation(function (this: Arena, bytes: number) {
    if (this.buffer.byteLength === 0 || ++seen.count !== n) return allocate.call(this, bytes);
    return allocate.call(this, 2 ** 40);
  });
  return seen;
}

const runtime = await load();

describe.each(MEMORY_JOBS)('the memory of $name', ({ less, run }) => {
  it(
    less ? `is what it says, or not: ${less}` : 'is what it says before it starts, to the byte',
    async () => {
      const seen = openings();
      await run(runtime);
      expect(seen.length).toBeGreaterThan(0);
      for (const { said, workspace } of seen) {
        expect(said).toBeGreaterThan(0);
        if (!less) expect(workspace.peakBytes).toBe(said);
      }
    },
  );

  it('is closed, and a BudgetError is the answer, whichever allocation fails', async () => {
    const right = await run(runtime);
    const seen = failing(0);
    await run(runtime);
    vi.restoreAllMocks();
    const step = Math.max(1, Math.ceil(seen.count / MOST_FAILURES));
    for (let n = 1; n <= seen.count; n += step) {
      const opened = openings();
      const closed = vi.spyOn(Workspace.prototype, 'close');
      failing(n);
      await expect(run(runtime), `allocation ${n}`).rejects.toMatchObject({ code: 'ERR_LLMINIT_BUDGET' });
      expect(closed.mock.calls.length, `allocation ${n}`).toBe(opened.length);
      vi.restoreAllMocks();
    }
    expect(await run(runtime)).toEqual(right);
  });
});

describe('the memory of jobs with threads', () => {
  it('has the share of each thread in what they say', async () => {
    const threaded = await loadThreads({ threads: 3, onFallback: () => {} });
    try {
      const seen = openings();
      for (const { less, run } of MEMORY_JOBS) if (!less) await run(threaded);
      for (const { said, workspace } of seen) expect(workspace.peakBytes).toBe(said);
    } finally {
      threaded.close();
    }
  });
});
