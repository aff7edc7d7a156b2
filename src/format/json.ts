import { FormatError, OptionError, shown } from '../errors.ts';

/**
 * What JSON can hold and give back unchanged.
 *
 * @example
 * const config: Record<string, JsonValue> = { shop: 'north', tried: [1, 2], note: null };
 * const model = modelFrom(split, factors, { config });
 */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/**
 * The JSON text of `value` with the keys of every object in ascending order, so that equal values give equal
 * bytes.
 *
 * @param where names the value in errors, e.g. `encodeModel config`
 * @throws {OptionError} for what `JSON.stringify` would drop or turn into null: NaN, infinities, undefined,
 *   functions
 */
export function canonicalJson(value: unknown, where: string): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) {
    return `[${value.map((entry, i) => canonicalJson(entry, `${where}[${i}]`)).join(',')}]`;
  }
  if (typeof value === 'object') {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry, `${where}.${key}`)}`).join(',')}}`;
  }
  throw new OptionError(
    where,
    `expected a value that JSON can hold, received ${shown(value)}`,
    'Use null, booleans, finite numbers, strings, arrays and plain objects',
  );
}

/**
 * How deep JSON that others wrote may nest. What reads the values walks them by recursion, for which engines have
 * stacks of very different sizes; no file of this package nests deeper than 8.
 */
export const MAX_JSON_DEPTH = 64;

/**
 * Whether brackets in a JSON text nest deeper than `most`; those inside strings do not count. One pass over the text,
 * which need not be valid JSON.
 */
export function nestsDeeper(text: string, most: number = MAX_JSON_DEPTH): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (inString) {
      if (char === BACKSLASH) at++;
      else if (char === QUOTE) inString = false;
    } else if (char === QUOTE) inString = true;
    else if (char === OPEN_BRACKET || char === OPEN_BRACE) {
      if (++depth > most) return true;
    } else if (char === CLOSE_BRACKET || char === CLOSE_BRACE) depth--;
  }
  return false;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * The object that `text` describes.
 *
 * @param where names the text in errors, e.g. `model.safetensors: config`
 * @throws {FormatError} when `text` is no JSON, JSON but no object, or nests deeper than `MAX_JSON_DEPTH`
 */
export function parseJsonObject(text: string, where: string): Record<string, JsonValue> {
  const value = parseJson(text, where);
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new FormatError(where, `expected a JSON object, received ${shown(text)}`, DAMAGED);
  }
  return value as Record<string, JsonValue>;
}

/**
 * The value that `text` describes.
 * @throws {FormatError} when `text` is no JSON, or nests deeper than `MAX_JSON_DEPTH`
 */
export function parseJson(text: string, where: string): JsonValue {
  if (nestsDeeper(text)) {
    const problem = `expected JSON that nests at most ${MAX_JSON_DEPTH} deep, received ${shown(text)}`;
    throw new FormatError(where, problem, DAMAGED);
  }
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    throw new FormatError(
      where,
      `expected JSON, received ${shown(text)} (${(error as Error).message})`,
      DAMAGED,
    );
  }
}

/** The remedy for every file that cannot have left a writer in this state. */
export const DAMAGED = 'The file is damaged or was edited; copy or create it again';
