import { FormatError } from '../../errors.ts';
import { DAMAGED } from '../../format/json.ts';
import type { Tensor } from '../../format/tensor.ts';
import { copied } from './items.ts';
import type { CodesPart, FactorsPart } from './parts.ts';
import type { ModelSource, TensorRef } from './source.ts';

// - `item_factors` F32 or F16 [numItems, dim]; `user_factors` likewise [numUsers, dim], left out without users
// - in 8 bits: `item_codes` I8 [numItems, dim], `item_scales` F32 [numItems], `user_codes`, `user_scales` likewise
// - `item_errors` F32 [numItems], where there are both codes and rows: what bounds a score by codes

/** The tensors of tables of factors. */
export function factorTensors({ items, itemCodes, users, userCodes }: FactorsPart): Record<string, Tensor> {
  return {
    ...(items && { item_factors: copied(items) }),
    ...(itemCodes && codeTensors('item', itemCodes)),
    ...(itemCodes?.errors && { item_errors: copied(itemCodes.errors) }),
    ...(users && { user_factors: copied(users) }),
    ...(userCodes && codeTensors('user', userCodes)),
  };
}

/** Rows in 8 bits as tensors. */
export function codeTensors(name: string, { codes, scales }: CodesPart): Record<string, Tensor> {
  return { [`${name}_codes`]: copied(codes), [`${name}_scales`]: copied(scales) };
}

/** The factors; null for a model without. @throws {FormatError} when parts are missing, of another type or width */
export function readFactors(source: ModelSource): FactorsPart | null {
  const items = readTable(source, 'item_factors');
  const codes = readCodes(source, 'item');
  const first = items ?? codes?.codes;
  if (!first) return null;
  const dim = first.shape[1];
  const users = readTable(source, 'user_factors');
  const userCodes = readCodes(source, 'user');
  for (const [name, table] of Object.entries({
    user_factors: users,
    item_codes: codes?.codes,
    user_codes: userCodes?.codes,
  })) {
    if (!table || table.shape[1] === dim) continue;
    const problem = `expected ${name} of ${dim} columns, received ${table.shape[1]}`;
    throw new FormatError(source.name, problem, DAMAGED);
  }
  const errors = source.has('item_errors') ? source.tensor('item_errors', 'F32', 1) : null;
  return { dim, items, itemCodes: codes && { ...codes, errors }, users, userCodes };
}

function readTable(source: ModelSource, name: string): TensorRef<'F32'> | TensorRef<'F16'> | null {
  if (!source.has(name)) return null;
  return source.dtype(name) === 'F16' ? source.tensor(name, 'F16', 2) : source.tensor(name, 'F32', 2);
}

/** Rows in 8 bits; null where there are none. @throws {FormatError} when a part is missing or of another type */
export function readCodes(source: ModelSource, name: string): CodesPart | null {
  if (!source.has(`${name}_codes`)) return null;
  return {
    codes: source.tensor(`${name}_codes`, 'I8', 2),
    scales: source.tensor(`${name}_scales`, 'F32', 1),
  };
}
