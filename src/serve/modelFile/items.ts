import { FormatError } from '../../errors.ts';
import { DAMAGED, parseJsonObject } from '../../format/json.ts';
import type { Tensor } from '../../format/tensor.ts';
import type { AttributePart, ItemsPart } from './parts.ts';
import { type ModelSource, readStrings, type Strings, type TensorRef } from './source.ts';

// - `item_ids`, `item_titles` (left out without titles): tables of strings; `item_degrees` I32 [numItems]
// - `item_hidden`, `item_cold` U8 [⌈numItems / 8⌉]: a bit an item, left out when there is none
// - column n of `attributes` in the metadata, an object of types by name in the order of the names: `attribute.n` F64 for
//   numbers, U8 for booleans, I32 for texts with the table of strings `attribute.n.dictionary`; for tags `attribute.n` has
//   the tags of all items and `attribute.n.row_ptr` I32 [numItems + 1] where an item's begin

/** A table of strings as the tensors of a file. */
export function stringTensors(table: string, { bytes, offsets }: Strings): Record<string, Tensor> {
  return { [`${table}.bytes`]: copied(bytes), [`${table}.offsets`]: copied(offsets) };
}

/** A tensor as a file's writer takes it. */
export function copied({ dtype, shape, data }: TensorRef): Tensor {
  return { dtype, shape, data };
}

/** The tensors of the catalogue, and its part of the metadata. */
export function itemTensors({ ids, titles, degrees, hidden, cold, attributes }: ItemsPart): {
  tensors: Record<string, Tensor>;
  metadata: Record<string, string>;
} {
  const columns = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  const types = columns.map(([name, { type }]) => `${JSON.stringify(name)}:${JSON.stringify(type)}`);
  return {
    tensors: {
      item_degrees: copied(degrees),
      ...stringTensors('item_ids', ids),
      ...(titles && stringTensors('item_titles', titles)),
      ...(hidden && { item_hidden: copied(hidden) }),
      ...(cold && { item_cold: copied(cold) }),
      ...Object.assign({}, ...columns.map(([, column], n) => columnTensors(`attribute.${n}`, column))),
    },
    metadata: columns.length > 0 ? { attributes: `{${types.join(',')}}` } : {},
  };
}

function columnTensors(name: string, column: AttributePart): Record<string, Tensor> {
  if (column.type === 'number' || column.type === 'boolean') return { [name]: copied(column.values) };
  const dictionary = stringTensors(`${name}.dictionary`, column.dictionary);
  if (column.type === 'text') return { [name]: copied(column.codes), ...dictionary };
  return { [name]: copied(column.codes), [`${name}.row_ptr`]: copied(column.rowPtr), ...dictionary };
}

/** @throws {FormatError} when parts are missing or of another type */
export function readItems(source: ModelSource): ItemsPart {
  return {
    ids: readStrings(source, 'item_ids'),
    titles: source.has('item_titles.offsets') ? readStrings(source, 'item_titles') : null,
    degrees: source.tensor('item_degrees', 'I32', 1),
    hidden: source.has('item_hidden') ? source.tensor('item_hidden', 'U8', 1) : null,
    cold: source.has('item_cold') ? source.tensor('item_cold', 'U8', 1) : null,
    attributes: readAttributes(source),
  };
}

function readAttributes(source: ModelSource): Record<string, AttributePart> {
  const { attributes } = source.metadata;
  if (attributes === undefined) return {};
  const types = parseJsonObject(attributes, `${source.name}: attributes`);
  const names = Object.keys(types).sort((a, b) => (a < b ? -1 : 1));
  return Object.fromEntries(
    names.map((name, n) => [name, readColumn(source, `attribute.${n}`, types[name])]),
  );
}

function readColumn(source: ModelSource, name: string, type: unknown): AttributePart {
  if (type === 'number') return { type, values: source.tensor(name, 'F64', 1) };
  if (type === 'boolean') return { type, values: source.tensor(name, 'U8', 1) };
  if (type !== 'text' && type !== 'tags') {
    const problem = `expected ${name} of type number, boolean, text or tags, received ${JSON.stringify(type)}`;
    throw new FormatError(source.name, problem, DAMAGED);
  }
  const codes = source.tensor(name, 'I32', 1);
  const dictionary = readStrings(source, `${name}.dictionary`);
  if (type === 'text') return { type, dictionary, codes };
  return { type, dictionary, codes, rowPtr: source.tensor(`${name}.row_ptr`, 'I32', 1) };
}
