import { describe, expect, it } from 'vitest';
import { encodeStrings } from '../../src/format/stringTable.ts';
import { findString, indexStrings } from '../../src/kernels/strings.ts';
import type { Workspace } from '../../src/runtime/workspace.ts';
import { builds, kernelCase } from './harness.ts';

function table(ws: Workspace, strings: readonly string[]) {
  const tensors = encodeStrings('x', strings);
  const bytes = ws.bytes(tensors['x.bytes'].data.length);
  bytes.view.set(tensors['x.bytes'].data as Uint8Array);
  return { bytes, offsets: ws.i32From(tensors['x.offsets'].data as Int32Array) };
}

describe.each(builds)('the index of strings on the $name build', ({ open }) => {
  it('finds every string and no other', () => {
    const ws = open();
    const strings = [
      '',
      'a',
      'ä',
      'aa',
      'B07XYZ',
      'b07xyz',
      ...Array.from({ length: 500 }, (_, n) => `item ${n}`),
    ];
    const { bytes, offsets } = table(ws, strings);
    const [slots] = kernelCase(ws, [() => ws.i32(1024)], ([slots]) =>
      expect(indexStrings(ws, bytes, offsets, slots)).toBe(-1),
    );
    const find = (text: string) => findString(ws, text, bytes, offsets, slots);
    expect(strings.map(find)).toEqual(strings.map((_, n) => n));
    expect(['b', 'item 500', 'item', ' a', '\u{1f600}'].map(find)).toEqual([-1, -1, -1, -1, -1]);
  });

  it('tells a string that stands twice', () => {
    const ws = open();
    const { bytes, offsets } = table(ws, ['a', 'b', 'c', 'b']);
    expect(indexStrings(ws, bytes, offsets, ws.i32(8))).toBe(3);
  });

  it('finds a string when all slots but one are taken', () => {
    const ws = open();
    const strings = Array.from({ length: 63 }, (_, n) => `${n * n}`);
    const { bytes, offsets } = table(ws, strings);
    const slots = ws.i32(64);
    expect(indexStrings(ws, bytes, offsets, slots)).toBe(-1);
    expect(strings.map((text) => findString(ws, text, bytes, offsets, slots))).toEqual(
      strings.map((_, n) => n),
    );
    expect(findString(ws, 'none', bytes, offsets, slots)).toBe(-1);
  });
});
