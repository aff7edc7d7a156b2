import { beforeAll, describe, expect, it, vi } from 'vitest';
import { BudgetError } from '../../src/errors.ts';
import { load, type Runtime } from '../../src/runtime/load.ts';
import { countBytes, Workspace } from '../../src/runtime/workspace.ts';

const LIMIT = 1_000_000;
let runtime: Runtime;
let limited: Runtime;

beforeAll(async () => {
  runtime = await load();
  limited = await load({ maxMemoryBytes: LIMIT });
});

/** Expects a refusal that names both sizes and leaves the arena as it was. */
function expectRefusal(ws: Workspace, allocate: () => unknown): void {
  const [mark, size] = [ws.mark(), ws.buffer.byteLength];
  expect(allocate).toThrow(BudgetError);
  expect(ws.mark()).toBe(mark);
  expect(ws.buffer.byteLength).toBe(size);
}

describe('the arena', () => {
  it('starts every allocation on a cache line, apart from the others', () => {
    const ws = runtime.open();
    const buffers = [ws.f32(1), ws.i32(17), ws.f64(3), ws.f32(16), ws.matrix(3, 5), ws.i32(0), ws.f32(4)];
    for (const { view } of buffers) expect(view.byteOffset % 64).toBe(0);
    for (const [n, { view }] of buffers.entries()) view.fill(n + 1);
    for (const [n, { view }] of buffers.entries())
      expect([...view].every((value: number) => value === n + 1)).toBe(true);
  });

  it('hands out zeros, also where released memory had been written', () => {
    const ws = runtime.open();
    const kept = ws.f32(5);
    kept.view.fill(3);
    const mark = ws.mark();
    ws.f32(100).view.fill(1);
    ws.i32(50).view.fill(2);
    ws.release(mark);
    expect(ws.mark()).toBe(mark);
    expect(ws.f64(10).view.every((x) => x === 0)).toBe(true);
    const larger = ws.matrix(40, 7);
    expect(larger.view.every((x) => x === 0)).toBe(true);
    expect([...kept.view]).toEqual([3, 3, 3, 3, 3]);
  });

  it('gives the same memory again after a release', () => {
    const ws = runtime.open();
    const mark = ws.mark();
    const bytes = Array.from({ length: 100 }, () => {
      ws.release(mark);
      ws.f32(100_000);
      return ws.buffer.byteLength;
    });
    expect(new Set(bytes).size).toBe(1);
  });

  it('keeps the content of handles when the memory grows', () => {
    const ws = runtime.open();
    const values = Float32Array.from({ length: 300 }, (_, n) => n - 7);
    const table = ws.matrixFrom(values, 100, 3);
    const list = ws.i32From([4, -5, 6]);
    const before = ws.buffer;
    ws.f32(1_000_000);
    expect(ws.buffer).not.toBe(before);
    expect(table.read()).toEqual(values);
    expect([...list.view]).toEqual([4, -5, 6]);
  });

  it('gives each workspace a memory of its own', () => {
    const [one, two] = [runtime.open(), runtime.open()];
    one.f32(4).view.fill(9);
    expect([...two.f32(4).view]).toEqual([0, 0, 0, 0]);
  });

  it('copies a sparse matrix with ones where no values are given', () => {
    const ws = runtime.open();
    const arrays = {
      rows: 3,
      cols: 4,
      rowPtr: Int32Array.of(0, 2, 2, 5),
      colIdx: Int32Array.of(0, 3, 1, 2, 3),
    };
    const a = ws.csr({ ...arrays, values: Float32Array.of(1, 2, 3, 4, 5) });
    expect([a.rows, a.cols, a.nnz, a.maxDegree]).toEqual([3, 4, 5, 3]);
    expect(a.rowPtr.view).toEqual(arrays.rowPtr);
    expect(a.colIdx.view.slice(0, 5)).toEqual(arrays.colIdx);
    expect(a.values.view).toEqual(Float32Array.of(1, 2, 3, 4, 5));
    expect(ws.csr({ ...arrays, values: null }).values.view).toEqual(new Float32Array(5).fill(1));
  });
});

describe('the memory budget', () => {
  it('refuses a job before anything is allocated, naming need, limit and remedy', () => {
    expect(() => limited.open(LIMIT + 1, 'fit')).toThrow(BudgetError);
    expect(() => limited.open(LIMIT + 1, 'fit')).toThrow(/fit.*1000001.*1000000.*dim/s);
    const most = LIMIT - runtime.open().usedBytes;
    expect(() => limited.open(most + 1, 'fit')).toThrow(BudgetError);
    expect(limited.open(most).f32(most / 4).length).toBe(most / 4);
  });

  it('refuses an allocation beyond the limit and stays usable', () => {
    const ws = limited.open();
    const kept = ws.i32From([1, 2, 3]);
    expectRefusal(ws, () => ws.f32(LIMIT / 4));
    expectRefusal(ws, () => ws.matrix(10_000, 128));
    expectRefusal(ws, () => ws.f64(LIMIT));
    expect([...kept.view]).toEqual([1, 2, 3]);
    expect(ws.f32(1000).view.length).toBe(1000);
  });

  it('allows what fits and not one cache line more', () => {
    const ws = limited.open();
    const rest = Math.floor((LIMIT - ws.usedBytes) / 64) * 64;
    expectRefusal(ws, () => ws.f32(rest / 4 + 1));
    expect(ws.f32(rest / 4).length).toBe(rest / 4);
    expectRefusal(ws, () => ws.f32(1));
  });

  it('refuses sizes beyond 32 bits', () => {
    const ws = runtime.open();
    expectRefusal(ws, () => ws.f64(2 ** 31));
    expectRefusal(ws, () => ws.matrix(2 ** 24, 128));
    expectRefusal(ws, () => ws.f32(2 ** 31));
    expectRefusal(ws, () => ws.i32(2 ** 32));
  });

  it('is counted by the same allocations without a memory', () => {
    const layout = (ws: Workspace) => {
      ws.matrix(17, 64);
      ws.matrix(2 ** 18, 3);
      const mark = ws.mark();
      ws.f64(12_345);
      ws.release(mark);
      ws.csrRoom(2000, 64, 70_000);
      return ws.matrix(2 ** 12, 128);
    };
    const ws = runtime.open();
    layout(ws);
    expect(countBytes(layout)).toBe(ws.peakBytes);
    expect(() => countBytes((empty) => layout(empty).read())).toThrow(RangeError);
  });

  it('is enough for what is foreseen behind all else', () => {
    const layout = (ws: Workspace) => {
      ws.f32(100);
      ws.foresee(() => ws.f32(1000));
      ws.foresee(() => ws.f32(10));
    };
    const ws = runtime.open();
    ws.f32(100);
    ws.f32(1000);
    expect(countBytes(layout)).toBe(ws.peakBytes);
  });

  it('is closed however a job ends', async () => {
    const closed = vi.spyOn(Workspace.prototype, 'close');
    const layout = (ws: Workspace) => ws.f32(10);
    expect(runtime.use('job', layout, (buffer) => buffer.length)).toBe(10);
    expect(await runtime.use('job', layout, async (buffer) => buffer.length)).toBe(10);
    const fault = new Error('of the job');
    const fails = () => {
      throw fault;
    };
    expect(() => runtime.use('job', layout, fails)).toThrow(fault);
    await expect(runtime.use('job', layout, async () => fails())).rejects.toThrow(fault);
    expect(closed).toHaveBeenCalledTimes(4);
    closed.mockRestore();
    expect(() => limited.use('job', (ws) => ws.f32(LIMIT), fails)).toThrow(BudgetError);
  });
});
