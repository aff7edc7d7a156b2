import { FormatError } from '../../errors.ts';
import { canonicalJson, DAMAGED, parseJsonObject } from '../../format/json.ts';
import type { Tensor } from '../../format/tensor.ts';
import type { InverseSettings, ItemInverse } from './data.ts';
import { copied } from './items.ts';
import type { InversePart, PlacedPart } from './parts.ts';
import { type ContentChecks, hostTensor, type ModelSource } from './source.ts';

// - `inverse.values` F32 [numItems (numItems + 1) / 2]: the lower triangle of P, row by row
// - `inverse.row_ptr` I32 [numUsers + 1], `inverse.col_idx` I32 [entries]: what training learned from, ascending in a row
// - `inverse.entries` F32 [entries]: the root of each interaction's weight, left out when all are 1
// - `inverse.placed.row_ptr` I32 [numItems + 1], `inverse.placed.indices` I32, `inverse.placed.weights` F32: what the texts
//   of new items add to `rows`, left out when that is nothing
// - `inverse` in the metadata: regularization, popularityPenalty, negative and entries (null for all) as JSON

/** The inverse of a model on the host as a part of a file. */
export function inversePart({ values, learned, placed, settings }: ItemInverse): InversePart {
  return {
    settings,
    values: hostTensor('F32', values),
    rowPtr: hostTensor('I32', learned.rowPtr),
    colIdx: hostTensor('I32', learned.colIdx),
    entries: learned.values && hostTensor('F32', learned.values),
    placed: placed
      ? {
          rowPtr: hostTensor('I32', placed.rowPtr),
          indices: hostTensor('I32', placed.indices),
          weights: hostTensor('F32', placed.weights),
        }
      : null,
  };
}

/** Bytes of a model file that belong to the inverse. */
export function bytesOfInverse(inverse: ItemInverse): number {
  const { tensors } = inverseTensors(inversePart(inverse));
  return Object.values(tensors).reduce((sum, { data }) => sum + data.byteLength, 0);
}

/** The inverse as arrays of the host. */
export function inverseOf(
  { settings, values, rowPtr, colIdx, entries, placed }: InversePart,
  numItems: number,
): ItemInverse {
  return {
    settings,
    values: values.data,
    learned: { rowPtr: rowPtr.data, colIdx: colIdx.data, values: entries?.data ?? null },
    ...(placed && {
      placed: {
        numItems,
        rowPtr: placed.rowPtr.data,
        indices: placed.indices.data,
        weights: placed.weights.data,
      },
    }),
  };
}

/** The tensors of the inverse, and its part of the metadata. */
export function inverseTensors({ settings, values, rowPtr, colIdx, entries, placed }: InversePart): {
  tensors: Record<string, Tensor>;
  metadata: Record<string, string>;
} {
  const { regularization, popularityPenalty, negative, entries: kept } = settings;
  return {
    tensors: {
      'inverse.values': copied(values),
      'inverse.row_ptr': copied(rowPtr),
      'inverse.col_idx': copied(colIdx),
      ...(entries && { 'inverse.entries': copied(entries) }),
      ...(placed && {
        'inverse.placed.row_ptr': copied(placed.rowPtr),
        'inverse.placed.indices': copied(placed.indices),
        'inverse.placed.weights': copied(placed.weights),
      }),
    },
    metadata: {
      inverse: canonicalJson(
        { regularization, popularityPenalty, negative, entries: kept },
        'encodeModel: inverse',
      ),
    },
  };
}

/** The inverse; null for a model without. @throws {FormatError} when a part is missing or of another type */
export function readInverse(source: ModelSource): InversePart | null {
  if (!source.has('inverse.values')) return null;
  return {
    settings: readSettings(source),
    values: source.tensor('inverse.values', 'F32', 1),
    rowPtr: source.tensor('inverse.row_ptr', 'I32', 1),
    colIdx: source.tensor('inverse.col_idx', 'I32', 1),
    entries: source.has('inverse.entries') ? source.tensor('inverse.entries', 'F32', 1) : null,
    placed: source.has('inverse.placed.row_ptr') ? readPlaced(source) : null,
  };
}

function readPlaced(source: ModelSource): PlacedPart {
  return {
    rowPtr: source.tensor('inverse.placed.row_ptr', 'I32', 1),
    indices: source.tensor('inverse.placed.indices', 'I32', 1),
    weights: source.tensor('inverse.placed.weights', 'F32', 1),
  };
}

function readSettings({ name, metadata }: ModelSource): InverseSettings {
  const settings = parseJsonObject(metadata.inverse ?? '', `${name}: inverse`);
  const { regularization, popularityPenalty, negative, entries } = settings;
  const problem = settingsProblem(settings);
  if (problem) throw new FormatError(name, problem, DAMAGED);
  return { regularization, popularityPenalty, negative, entries } as unknown as InverseSettings;
}

function settingsProblem(settings: { readonly [Name in keyof InverseSettings]?: unknown }): string | null {
  const { regularization, popularityPenalty, negative, entries } = settings;
  const isNumber = Number.isFinite as (value: unknown) => value is number;
  if (!isNumber(regularization) || regularization <= 0)
    return `expected a regularization > 0 of the inverse, received ${String(regularization)}`;
  if (!isNumber(popularityPenalty) || popularityPenalty < 0)
    return `expected a popularityPenalty ≥ 0 of the inverse, received ${String(popularityPenalty)}`;
  if (typeof negative !== 'boolean')
    return `expected negative of the inverse to be true or false, received ${String(negative)}`;
  if (entries === null || (isNumber(entries) && entries > 0)) return null;
  return `expected entries of the inverse to be null or a number > 0, received ${String(entries)}`;
}

/** What cannot be used, as "expected …, received …"; null when all can. */
export function inverseProblem(part: InversePart, numItems: number, checks: ContentChecks): string | null {
  const { settings, values, rowPtr, colIdx, entries, placed } = part;
  const unusable = settingsProblem(settings);
  if (unusable) return unusable;
  const triangle = values.data;
  const most = diagonalLimit(settings);
  for (let item = 0; item < numItems; item++) {
    const own = triangle[(item * (item + 3)) / 2];
    if (!(own > 0 && own <= most))
      return `expected a diagonal of the inverse within 0 to 1 / ${settings.regularization}, received ${own} for item ${item}`;
  }
  for (const [name, tensor] of Object.entries({ values, entries, weights: placed?.weights }))
    if (tensor && checks.firstNonFinite(tensor) >= 0)
      return `expected finite values in the ${name} of the inverse, received others`;
  const tables = [
    ['learned', rowPtr, colIdx],
    ...(placed ? [['placed', placed.rowPtr, placed.indices] as const] : []),
  ] as const;
  for (const [name, starts, columns] of tables) {
    if (starts.data[0] !== 0 || checks.firstDescent(starts) >= 0)
      return `expected the ${name} rows of the inverse to ascend from 0`;
    const row = checks.firstBadRow(starts, columns, numItems);
    if (row >= 0)
      return `expected the ${name} items of the inverse to ascend within 0 to ${numItems - 1}, received others in row ${row}`;
  }
  return null;
}

/** The most that an entry of the diagonal of P can be: 1/λ, up to rounding. */
export function diagonalLimit({ regularization }: InverseSettings): number {
  return (1 + INVERSE_ERROR) / regularization;
}

/** An inverse whose diagonal is off by more than this share is refused. */
const INVERSE_ERROR = 0.01;
