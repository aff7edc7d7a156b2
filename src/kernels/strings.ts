import type { ByteBuffer, I32Buffer } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** Slots for an index of so many strings: at least a third of them stay empty. */
export function slotsFor(count: number): number {
  let slots = 2;
  while (slots < 1.5 * count) slots *= 2;
  return slots;
}

/**
 * Fills the slots, a power of two of them and more than there are strings, with the strings of a table.
 * @param offsets string n is bytes offsets[n] … offsets[n + 1] − 1
 * @returns the first string that stands twice, at its second place; −1 where all differ
 */
export function indexStrings(ws: Workspace, bytes: ByteBuffer, offsets: I32Buffer, slots: I32Buffer): number {
  return ws.wasm.index_strings(bytes.ptr, offsets.ptr, offsets.length - 1, slots.ptr, slots.length);
}

const ENCODER = new TextEncoder();

/** The number of a text in an index; −1 where it is none of its strings. */
export function findString(
  ws: Workspace,
  text: string,
  bytes: ByteBuffer,
  offsets: I32Buffer,
  slots: I32Buffer,
): number {
  const mark = ws.mark();
  const own = ws.bytes(3 * text.length);
  const length = writeText(text, own.view);
  const found = ws.wasm.find_string(own.ptr, length, bytes.ptr, offsets.ptr, slots.ptr, slots.length);
  ws.release(mark);
  return found;
}

/** Writes a text as UTF-8; returns its bytes. */
function writeText(text: string, out: Uint8Array): number {
  for (let n = 0; n < text.length; n++) {
    const unit = text.charCodeAt(n);
    if (unit >= 128) {
      // Encoders refuse memory that threads share.
      const encoded = ENCODER.encode(text);
      out.set(encoded);
      return encoded.length;
    }
    out[n] = unit;
  }
  return text.length;
}
