import { DataError, FormatError } from '../errors.ts';
import { DAMAGED } from './json.ts';
import { requireTensor, type SafetensorsFile } from './safetensors.ts';
import type { Tensor } from './tensor.ts';

/**
 * The two tensors that hold a list of strings in a safetensors file: `<table>.bytes` (U8, the UTF-8 text of
 * all strings without separators) and `<table>.offsets` (I32 [n + 1]); string i is bytes offsets[i] to
 * offsets[i + 1].
 *
 * @throws {DataError} a string that UTF-8 cannot hold (a lone surrogate), more than 2 GiB of text
 */
export function encodeStrings(table: string, strings: readonly string[]): Record<string, Tensor> {
  const encoder = new TextEncoder();
  const offsets = new Int32Array(strings.length + 1);
  strings.forEach((text, i) => {
    if (LONE_SURROGATE.test(text)) {
      throw new DataError(
        table,
        `expected text, received a broken UTF-16 pair in entry ${i}`,
        'Mend the text',
      );
    }
    offsets[i + 1] = offsets[i] + encodedLength(text);
    // A sum past 2^31 - 1 wraps to a negative number exactly once before it could come round again.
    if (offsets[i + 1] < 0) {
      throw new DataError(table, 'expected less than 2 GiB of text, received more', 'Shorten the texts');
    }
  });
  // Into one array: a million of a few bytes each take hundreds of megabytes.
  const bytes = new Uint8Array(offsets[strings.length]);
  strings.forEach((text, i) => {
    encoder.encodeInto(text, bytes.subarray(offsets[i], offsets[i + 1]));
  });
  return {
    [`${table}.bytes`]: { dtype: 'U8', shape: [bytes.length], data: bytes },
    [`${table}.offsets`]: { dtype: 'I32', shape: [offsets.length], data: offsets },
  };
}

/** Bytes of a text without broken pairs in UTF-8. */
function encodedLength(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    // Half of a pair is two of its four bytes.
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}

/**
 * The strings that `encodeStrings` put into a file under the name `table`.
 *
 * @throws {FormatError} a missing tensor, offsets that do not ascend from 0 to the length, bytes that are no
 *   UTF-8
 */
export function decodeStrings(file: SafetensorsFile, table: string): string[] {
  const bytes = requireTensor(file, `${table}.bytes`, 'U8', 1).data;
  const offsets = requireTensor(file, `${table}.offsets`, 'I32', 1).data;
  if (offsets[0] !== 0 || offsets[offsets.length - 1] !== bytes.length) {
    throw new FormatError(
      file.name,
      `expected ${table}.offsets from 0 to ${bytes.length}, received ${offsets[0]} to ${offsets[offsets.length - 1]}`,
      DAMAGED,
    );
  }
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  return Array.from({ length: offsets.length - 1 }, (_, i) => {
    try {
      // `subarray` would turn a descending pair into an empty string.
      if (offsets[i] > offsets[i + 1]) throw new RangeError('descending offsets');
      return decoder.decode(bytes.subarray(offsets[i], offsets[i + 1]));
    } catch {
      throw new FormatError(
        file.name,
        `expected text in entry ${i} of ${table}, received other bytes`,
        DAMAGED,
      );
    }
  });
}

/** The two positions of the first string that stands twice, or null. */
export function findDuplicate(strings: readonly string[]): [first: number, second: number] | null {
  const positions = new Map<string, number>();
  for (let i = 0; i < strings.length; i++) {
    const first = positions.get(strings[i]);
    if (first !== undefined) return [first, i];
    positions.set(strings[i], i);
  }
  return null;
}

const LONE_SURROGATE = /\p{Surrogate}/u;
