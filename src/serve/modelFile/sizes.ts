import type { AttributePart, InversePart, ItemMapPart, ModelParts } from './parts.ts';
import { rowStarts } from './rows.ts';

type Size = readonly [what: string, expected: number, received: number | undefined];

/** What does not fit together, as "expected …, received …"; null when all sizes do. */
export function sizeProblem(parts: ModelParts): string | null {
  const { items, users, factors } = parts;
  const [numUsers, numItems, dim] = [users.ids.count, items.ids.count, factors?.dim ?? 0];
  if (factors && (!Number.isSafeInteger(dim) || dim < 1))
    return `expected a dim of at least 1, received ${dim}`;
  if (numItems === 0) return 'expected at least one item, received none';
  if (parts.itemMap && !(factors && parts.text))
    return 'expected factors and text vectors beside an item map, received one of them at most';
  if (parts.inverse && !parts.rows) return 'expected sparse rows beside an inverse, received none';
  if (!factors && !parts.rows && !parts.itemScores)
    return 'expected factors, sparse rows or scores of items, received none of them';
  const wrong = sizesOf(parts).find(
    ([, expected, received]) => received !== undefined && received !== expected,
  );
  if (!wrong) return blendProblem(parts);
  const [what, expected, received] = wrong;
  const size = factors
    ? `${numUsers} users, ${numItems} items and dim ${dim}`
    : `${numUsers} users and ${numItems} items`;
  return `expected ${expected} ${what} for ${size}, received ${received}`;
}

function sizesOf({ items, users, factors, rows, inverse, itemScores, text, itemMap }: ModelParts): Size[] {
  const [numUsers, numItems, dim] = [users.ids.count, items.ids.count, factors?.dim ?? 0];
  const entries = users.had?.rowPtr.data.at(-1) ?? 0;
  return [
    ['values in item_factors', numItems * dim, factors?.items?.data.length],
    ['values in item_codes', numItems * dim, factors?.itemCodes?.codes.data.length],
    ['values in item_scales', numItems, factors?.itemCodes?.scales.data.length],
    ['values in item_errors', numItems, factors?.itemCodes?.errors?.data.length],
    ['values in user_factors', numUsers * dim, factors?.users?.data.length],
    ['values in user_codes', numUsers * dim, factors?.userCodes?.codes.data.length],
    ['values in user_scales', numUsers, factors?.userCodes?.scales.data.length],
    ['values in item_degrees', numItems, items.degrees.data.length],
    ['item titles', numItems, items.titles?.count],
    ['values in item_hidden', Math.ceil(numItems / 8), items.hidden?.data.length],
    ['values in item_cold', Math.ceil(numItems / 8), items.cold?.data.length],
    ...Object.entries(items.attributes).flatMap(([name, column]) => columnSizes(name, column, numItems)),
    ['values in seen.row_ptr', numUsers + 1, users.had?.rowPtr.data.length],
    ['values in seen.col_idx', entries, users.had?.colIdx.data.length],
    ['values in seen.order', entries, users.order?.data.length],
    ['values in seen.liked', Math.ceil(entries / 8), users.liked?.data.length],
    ['values in rows.lengths', numItems, rows?.lengths?.data.length],
    ['values in rows.indices', rows ? rowStarts(rows, numItems)[numItems] : 0, rows?.indices.data.length],
    ['values in rows.weights', rows?.indices.data.length ?? 0, rows?.weights.data.length],
    ...(inverse ? inverseSizes(inverse, numUsers, numItems) : []),
    ['values in item_scores', numItems, itemScores?.data.length],
    ['values in text_codes', numItems * (text?.width ?? 0), text?.codes.data.length],
    ['values in text_scales', numItems, text?.scales.data.length],
    ...(itemMap ? itemMapSizes(itemMap, text?.width ?? 0, dim) : []),
  ];
}

function itemMapSizes({ center, linear, inner, outer }: ItemMapPart, width: number, dim: number): Size[] {
  const hidden = inner?.shape[0] ?? 0;
  return [
    ['values in item_map.center', width, center.data.length],
    ['values in item_map.linear', dim * width, linear.data.length],
    ['values in item_map.inner', hidden * width, inner?.data.length],
    ['values in item_map.outer', dim * hidden, outer?.data.length],
  ];
}

function inverseSizes(part: InversePart, numUsers: number, numItems: number): Size[] {
  const { values, rowPtr, colIdx, entries, placed } = part;
  const count = rowPtr.data.at(-1) ?? 0;
  const placedCount = placed?.rowPtr.data.at(-1) ?? 0;
  return [
    ['values in inverse.values', (numItems * (numItems + 1)) / 2, values.data.length],
    ['values in inverse.row_ptr', numUsers + 1, rowPtr.data.length],
    ['values in inverse.col_idx', count, colIdx.data.length],
    ['values in inverse.entries', count, entries?.data.length],
    ['values in inverse.placed.row_ptr', numItems + 1, placed?.rowPtr.data.length],
    ['values in inverse.placed.indices', placedCount, placed?.indices.data.length],
    ['values in inverse.placed.weights', placedCount, placed?.weights.data.length],
  ];
}

function columnSizes(name: string, column: AttributePart, numItems: number): Size[] {
  if (column.type === 'number' || column.type === 'boolean')
    return [[`values of ${name}`, numItems, column.values.data.length]];
  if (column.type === 'text') return [[`values of ${name}`, numItems, column.codes.data.length]];
  return [
    [`rows of ${name}`, numItems + 1, column.rowPtr.data.length],
    [`values of ${name}`, column.rowPtr.data.at(-1) ?? 0, column.codes.data.length],
  ];
}

function blendProblem({ blend, factors, rows, itemScores }: ModelParts): string | null {
  const present: Record<string, boolean> = {
    factors: factors !== null,
    rows: rows !== null,
    items: itemScores !== null,
  };
  for (const { part, weight, deviation } of blend ?? []) {
    if (!present[part]) return `expected a blend of parts that the model has, received ${part}`;
    if (!(weight >= 0 && Number.isFinite(weight)))
      return `expected a weight ≥ 0 of ${part}, received ${weight}`;
    if (!(deviation > 0 && Number.isFinite(deviation)))
      return `expected a deviation > 0 of ${part}, received ${deviation}`;
  }
  return blend?.length === 0 ? 'expected at least one part of a blend, received none' : null;
}
