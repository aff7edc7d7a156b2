import { crc32 } from '../format/crc32.ts';
import type { JsonValue } from '../format/json.ts';
import type { AdapterOptions } from '../models/parameters/adapterTable.ts';
import type { FitOptions } from './options.ts';

/** Options with what the initial tables say about training, where the options say nothing about it. */
export function withHeld(
  given: FitOptions,
  tables: Pick<FitOptions, 'frozenColumns' | 'adapter' | 'codes'>,
): FitOptions {
  const codes = given?.codes ?? tables?.codes;
  const options = codes ? { ...given, codes } : given;
  const says = options?.frozenColumns !== undefined || options?.adapter !== undefined;
  const { frozenColumns, adapter } = { ...tables };
  if (says || (!frozenColumns && !adapter)) return options;
  return { ...options, frozenColumns, adapter: adapter && withoutCenter(adapter) };
}

/** Training sees centred vectors only. */
function withoutCenter(adapter: AdapterOptions & { readonly center?: Float32Array }): AdapterOptions {
  const { center: _, ...own } = adapter;
  return own;
}

/** What must be equal to resume; `start` and `seed` are in the checkpoint's parameters. */
export function adapterFingerprint({
  features,
  userFeatures,
  width,
  layers = 1,
  hidden = 128,
}: AdapterOptions): JsonValue {
  const users = userFeatures && { userFeatures: checksum(userFeatures) };
  return { width, layers, hidden, features: checksum(features), ...users };
}

function checksum({ buffer, byteOffset, byteLength }: Float32Array): number {
  return crc32(new Uint8Array(buffer, byteOffset, byteLength));
}
