import { findDuplicate } from '../../format/stringTable.ts';
import { RESERVED } from '../where/expression.ts';
import { inverseProblem } from './inverse.ts';
import { itemMapProblem } from './itemMap.ts';
import type { AttributePart, FactorsPart, ItemsPart, ModelParts, RowsPart, UsersPart } from './parts.ts';
import { rowStarts } from './rows.ts';
import { sequenceProblem } from './sequence.ts';
import { type ContentChecks, HOST_CHECKS, hostTensor, type TensorRef } from './source.ts';

/** What cannot be used, as "expected …, received …"; null when all can. Sizes are known to fit; ids are left out. */
export function contentProblem(parts: ModelParts, checks: ContentChecks): string | null {
  const { items, users, factors, rows, itemScores, text } = parts;
  return (
    (factors && factorProblem(factors, checks)) ??
    itemProblem(items) ??
    hadProblem(users, items.ids.count, checks) ??
    (rows && rowProblem(rows, items.ids.count, checks)) ??
    (parts.inverse && inverseProblem(parts.inverse, items.ids.count, checks)) ??
    (itemScores && finiteProblem(itemScores, 'item_scores', checks)) ??
    sequenceProblem(parts, checks) ??
    (text && finiteProblem(text.scales, 'text_scales', checks)) ??
    (parts.itemMap && itemMapProblem(parts.itemMap, checks))
  );
}

/** What is wrong with ids, as above. */
export function idProblem(ids: readonly string[], kind: string): string | null {
  const empty = ids.indexOf('');
  if (empty >= 0) return `expected a non-empty ${kind} id, received an empty one at position ${empty}`;
  const pair = findDuplicate(ids);
  return (
    pair && `expected unique ${kind} ids, received ${ids[pair[0]]} at positions ${pair[0]} and ${pair[1]}`
  );
}

function factorProblem(
  { items, itemCodes, users, userCodes }: FactorsPart,
  checks: ContentChecks,
): string | null {
  return (
    (items && finiteProblem(items, 'item_factors', checks)) ??
    (itemCodes && finiteProblem(itemCodes.scales, 'item_scales', checks)) ??
    (itemCodes?.errors && finiteProblem(itemCodes.errors, 'item_errors', checks)) ??
    (users && finiteProblem(users, 'user_factors', checks)) ??
    (userCodes && finiteProblem(userCodes.scales, 'user_scales', checks))
  );
}

function finiteProblem(
  values: TensorRef<'F32'> | TensorRef<'F16'>,
  name: string,
  checks: ContentChecks,
): string | null {
  const at = checks.firstNonFinite(values);
  if (at < 0) return null;
  const received = values.dtype === 'F32' ? values.data[at] : 'infinity or NaN';
  const [, dim] = values.shape;
  const place = dim === undefined ? `at ${at}` : `in row ${Math.floor(at / dim)}, column ${at % dim}`;
  return `expected finite values in ${name}, received ${received} ${place}`;
}

function itemProblem({ degrees, attributes }: ItemsPart): string | null {
  const counts = degrees.data;
  for (let item = 0; item < counts.length; item++)
    if (counts[item] < 0)
      return `expected item_degrees of at least 0, received ${counts[item]} for item ${item}`;
  for (const [name, column] of Object.entries(attributes)) {
    if (name === '' || RESERVED.includes(name))
      return `expected columns with names of their own, received one called ${JSON.stringify(name)}`;
    const problem = columnProblem(name, column);
    if (problem) return problem;
  }
  return null;
}

function columnProblem(name: string, column: AttributePart): string | null {
  const wrong = (expected: string, at: number, received: number) =>
    at < 0 ? null : `expected ${expected} in ${name}, received ${received} at ${at}`;
  if (column.type === 'number') {
    const at = column.values.data.findIndex((value) => Math.abs(value) === Infinity);
    return wrong('finite numbers', at, column.values.data[at]);
  }
  if (column.type === 'boolean') {
    const at = column.values.data.findIndex((value) => value > 2);
    return wrong('0, 1 or 2', at, column.values.data[at]);
  }
  const [least, most] = [column.type === 'text' ? -1 : 0, column.dictionary.count - 1];
  const at = column.codes.data.findIndex((code) => code < least || code > most);
  if (at >= 0) return wrong(`places ${least} to ${most} of its dictionary`, at, column.codes.data[at]);
  if (column.type === 'text') return null;
  const { rowPtr, codes, dictionary } = column;
  const starts = rowPtr.data;
  if (starts[0] !== 0 || HOST_CHECKS.firstDescent(rowPtr) >= 0)
    return `expected rows of ${name} to ascend from 0`;
  const row = HOST_CHECKS.firstBadRow(rowPtr, codes, dictionary.count);
  return row < 0
    ? null
    : `expected the values of ${name} to ascend within an item, received others for item ${row}`;
}

function hadProblem({ had }: UsersPart, numItems: number, checks: ContentChecks): string | null {
  if (!had) return null;
  const starts = had.rowPtr.data;
  if (starts[0] !== 0) return `expected seen.row_ptr to start at 0, received ${starts[0]}`;
  const descent = checks.firstDescent(had.rowPtr);
  if (descent >= 0)
    return `expected seen.row_ptr to ascend, received ${starts[descent - 1]} then ${starts[descent]} at user ${descent - 1}`;
  const user = checks.firstBadRow(had.rowPtr, had.colIdx, numItems);
  if (user < 0) return null;
  const row = had.colIdx.data.subarray(starts[user], starts[user + 1]);
  const at = row.findIndex((item, n) => item >= numItems || item <= (n === 0 ? -1 : row[n - 1]));
  const before = at === 0 ? '' : ` after ${row[at - 1]}`;
  return `expected the seen items of user ${user} to ascend within 0 to ${numItems - 1}, received ${row[at]}${before}`;
}

function rowProblem(rows: RowsPart, numItems: number, checks: ContentChecks): string | null {
  const problem = finiteProblem(rows.weights, 'rows.weights', checks);
  if (problem) return problem;
  const starts = rowStarts(rows, numItems);
  const { data } = rows.indices;
  const indices = hostTensor('I32', data instanceof Int32Array ? data : new Int32Array(data));
  const row = HOST_CHECKS.firstBadRow(hostTensor('I32', starts), indices, numItems);
  if (row >= 0)
    return `expected the indices of a row to ascend within 0 to ${numItems - 1}, received others in row ${row}`;
  for (let item = 0; item < numItems; item++) {
    if (indices.data.subarray(starts[item], starts[item + 1]).includes(item))
      return `expected rows without their own item, received item ${item} in row ${item}`;
  }
  return null;
}
