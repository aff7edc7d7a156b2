import type { JsonValue } from '../format/json.ts';
import type { Descriptors, OptionDescriptor } from './descriptor.ts';

/**
 * What must be equal for two runs to be the same: the options that decide the result, by name, as far as they are read;
 * null where an option is left out and has no default.
 */
export function fingerprintOf(
  descriptors: Descriptors,
  resolved: Readonly<Record<string, unknown>>,
): Record<string, JsonValue> {
  const parts: Record<string, JsonValue> = {};
  for (const [name, descriptor] of Object.entries(descriptors)) {
    const value = resolved[name];
    if (descriptor.affectsResult === false || (descriptor.readBy && value === undefined)) continue;
    parts[name] = value === undefined || value === null ? null : partOf(descriptor, value);
  }
  return parts;
}

/** A value's part of a fingerprint. */
export function partOf<T>(descriptor: OptionDescriptor<T>, value: T): JsonValue {
  // Without a method of its own an option holds a JSON value: a number, a text, a list, or an object of such.
  return descriptor.fingerprint ? descriptor.fingerprint(value) : (value as JsonValue);
}
