import { describe, expect, it } from 'vitest';
import { clearSlots, planBatch } from '../../src/kernels/batch.ts';
import { builds, guarded, randomIndices, writesOnly } from './harness.ts';

describe.each(builds)('planBatch on the $name build', ({ open }) => {
  it('numbers distinct nodes in order of first appearance, over several lists', () => {
    const ws = open();
    const slots = guarded(ws, () => ws.i32(6));
    const rows = guarded(ws, () => ws.i32(5));
    const nodeSlots = guarded(ws, () => ws.i32(4));
    const plan = (nodes: number[], used: number) => {
      const buffer = ws.i32From(nodes);
      let count = 0;
      writesOnly(ws, [slots, rows, nodeSlots], () => {
        count = planBatch(ws, buffer, nodes.length, slots, rows, nodeSlots, used);
      });
      return { count, nodeSlots: [...nodeSlots.view.subarray(0, nodes.length)] };
    };
    expect(plan([4, 2, 4, 0], 0)).toEqual({ count: 3, nodeSlots: [0, 1, 0, 2] });
    expect(plan([2, 5, 5], 3)).toEqual({ count: 4, nodeSlots: [1, 3, 3] });
    expect(plan([], 4)).toEqual({ count: 4, nodeSlots: [] });
    expect([...rows.view]).toEqual([4, 2, 0, 5, -1]);
    expect([...slots.view]).toEqual([2, -1, 1, -1, 0, 3]);
  });

  it('is undone by clearSlots, so that the next batch starts anew', () => {
    const ws = open();
    const nodes = ws.i32From(randomIndices(500, 300));
    const slots = guarded(ws, () => ws.i32(300));
    const [rows, nodeSlots] = [ws.i32(300), ws.i32(500)];
    const count = planBatch(ws, nodes, 500, slots, rows, nodeSlots, 0);
    expect(count).toBe(new Set(nodes.view).size);
    const first = { rows: rows.view.slice(0, count), nodeSlots: nodeSlots.view.slice() };
    expect(first.nodeSlots.map((slot) => first.rows[slot])).toEqual(nodes.view);
    writesOnly(ws, [slots], () => clearSlots(ws, rows, count, slots));
    expect(slots.view.every((slot) => slot === -1)).toBe(true);
    expect(planBatch(ws, nodes, 500, slots, rows, nodeSlots, 0)).toBe(count);
    expect(rows.view.slice(0, count)).toEqual(first.rows);
  });
});
