import { DataError, OptionError, ShapeError, shown } from '../errors.ts';

/**
 * Semantic ids of a catalogue: every item is a word of a few codes, no two items the same.
 *
 * @example
 * const ids = await semanticIds(embeddings, { levels: 2, size: 4 });
 * const codes: ItemCodes = ids.itemCodes(split.train.itemIds);
 * codes.columns; // → 3
 */
export interface ItemCodes {
  /** Codes of an item. */
  readonly columns: number;
  /** [numItems × columns], from 0 on in each column. */
  readonly values: Int32Array;
}

/** The codes of all columns as tokens: code c of column n is token `offsets[n] + c`. */
export interface CodeVocabulary {
  /** Codes of each column. */
  readonly sizes: readonly number[];
  readonly offsets: readonly number[];
  readonly tokens: number;
}

/** What the codes of a catalogue are as tokens. */
export function codeVocabulary({ columns, values }: ItemCodes): CodeVocabulary {
  const sizes = Array.from({ length: columns }, () => 0);
  for (const [at, code] of values.entries()) sizes[at % columns] = Math.max(sizes[at % columns], code + 1);
  let tokens = 0;
  const offsets = sizes.map((size) => {
    tokens += size;
    return tokens - size;
  });
  return { sizes, offsets, tokens };
}

/** The tokens of all items [numItems × columns]. */
export function itemTokens(codes: ItemCodes): Int32Array {
  const { offsets } = codeVocabulary(codes);
  return codes.values.map((code, at) => offsets[at % codes.columns] + code);
}

/** No catalogue has more codes in a column; what a damaged file says must not be allocated. */
const MOST_CODES = 2 ** 24;

/** What is wrong with the codes of so many items, as "expected …, received …"; null when nothing is. */
export function codesProblem({ columns, values }: ItemCodes, numItems: number): string | null {
  if (!Number.isSafeInteger(columns) || columns < 2 || columns > 32)
    return `expected 2 to 32 codes an item, received ${shown(columns)}`;
  if (values.length !== numItems * columns)
    return `expected ${columns} codes for each of ${numItems} items, received ${values.length}`;
  const at = values.findIndex((code) => code < 0 || code >= MOST_CODES);
  if (at >= 0) return `expected codes in 0 … ${MOST_CODES - 1}, received ${values[at]}`;
  const order = itemsByCodes({ columns, values });
  for (let n = 1; n < numItems; n++)
    if (commonPrefix(values, columns, order[n - 1], order[n]) === columns)
      return `expected other codes for every item, received the same for items ${order[n - 1]} and ${order[n]}`;
  return null;
}

/**
 * @throws {OptionError} for what are no codes
 * @throws {ShapeError} unless there are as many for each item
 * @throws {DataError} when two items have the same
 */
export function checkItemCodes(codes: ItemCodes, numItems: number, where: string): void {
  const { columns, values } = { ...(codes as ItemCodes | null) };
  if (Object.prototype.toString.call(values) !== '[object Int32Array]' || typeof columns !== 'number') {
    const problem = `expected codes { columns, values }, received ${shown(codes)}`;
    throw new OptionError(where, problem, 'Pass (await semanticIds(embeddings)).itemCodes(itemIds)', 'codes');
  }
  const problem = codesProblem(codes, numItems);
  if (problem === null) return;
  const remedy = 'Pass (await semanticIds(embeddings)).itemCodes(itemIds) of the same items';
  if (values!.length !== numItems * columns!) throw new ShapeError(where, problem, remedy, 'codes');
  throw new DataError(where, problem, remedy, 'codes');
}

/** Items in ascending order of their codes. */
export function itemsByCodes({ columns, values }: ItemCodes): Int32Array {
  return Int32Array.from({ length: values.length / columns }, (_, item) => item).sort((a, b) => {
    const at = commonPrefix(values, columns, a, b);
    return at === columns ? a - b : values[a * columns + at] - values[b * columns + at];
  });
}

/** How many of their first codes two items have in common. */
export function commonPrefix(values: Int32Array, columns: number, a: number, b: number): number {
  let at = 0;
  while (at < columns && values[a * columns + at] === values[b * columns + at]) at++;
  return at;
}
