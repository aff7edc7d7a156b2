import { FormatError } from '../../errors.ts';
import { canonicalJson, DAMAGED, parseJsonObject } from '../../format/json.ts';
import type { Tensor } from '../../format/tensor.ts';
import type { SequenceWeights } from '../../rank/sequences/weights.ts';
import { copied } from './items.ts';
import type { ModelParts, SequencePart } from './parts.ts';
import { type ContentChecks, hostTensor, type ModelSource } from './source.ts';

// - `sequence.<table>` F32 [rows, columns]: the tables of a transformer, see `sequenceTables`
// - in the metadata `sequence`: its shape and the names of its tables as JSON
//
// Of a transformer only types and numbers are looked at: what reads it checks the rest, so that serving is small without.

/** A transformer of the host as a part of a file. */
export function sequencePart({ tables, ...shape }: SequenceWeights): SequencePart {
  const tensors = Object.entries(tables).map(([name, { rows, columns, values }]) => [
    name,
    hostTensor('F32', values, [rows, columns]),
  ]);
  return { shape, tables: Object.fromEntries(tensors) };
}

/** The tensors of a transformer, and its part of the metadata. */
export function sequenceTensors({ shape, tables }: SequencePart): {
  tensors: Record<string, Tensor>;
  metadata: Record<string, string>;
} {
  const tensors = Object.entries(tables).map(([name, table]) => [`sequence.${name}`, copied(table)]);
  const sequence = canonicalJson({ ...shape, tables: Object.keys(tables) }, 'encodeModel: sequence');
  return { tensors: Object.fromEntries(tensors), metadata: { sequence } };
}

/** The transformer; null for a model without. @throws {FormatError} when a table is missing or of another type */
export function readSequence(source: ModelSource): SequencePart | null {
  const { sequence } = source.metadata;
  if (sequence === undefined) return null;
  const { tables, ...shape } = parseJsonObject(sequence, `${source.name}: sequence`);
  if (!Array.isArray(tables))
    throw new FormatError(source.name, 'expected the tables of a transformer, received none', DAMAGED);
  const tensors = tables.map((name) => [name, source.tensor(`sequence.${name}`, 'F32', 2)]);
  return { shape: shape as unknown as SequencePart['shape'], tables: Object.fromEntries(tensors) };
}

/** The transformer on the host. */
export function sequenceOf({ shape, tables }: SequencePart): SequenceWeights {
  const copies = Object.entries(tables).map(([name, { shape: size, data }]) => [
    name,
    { rows: size[0], columns: size[1], values: data.slice() },
  ]);
  return { ...shape, tables: Object.fromEntries(copies) };
}

/** What does not fit about a transformer and the order of histories, as "expected …, received …"; null when all does. */
export function sequenceProblem(
  { sequence, factors, users, blend }: ModelParts,
  checks: ContentChecks,
): string | null {
  const { had, order } = users;
  if (!sequence) return order ? 'expected a transformer beside seen.order, received none' : null;
  const { dim } = sequence.shape;
  if (factors?.dim !== dim)
    return `expected rows of items of ${dim} columns beside a transformer, received ${factors?.dim ?? 'none'}`;
  if (factors.users || factors.userCodes || blend)
    return 'expected neither rows of users nor a blend beside a transformer, received some';
  if (had && !order) return 'expected seen.order beside a transformer, received none';
  for (const [name, table] of Object.entries(sequence.tables)) {
    const whole = table.data.length === table.shape[0] * table.shape[1];
    const at = whole ? checks.firstNonFinite(table) : 0;
    if (at >= 0)
      return `expected ${table.shape.join(' × ')} finite values in sequence.${name}, received others`;
  }
  return had && order ? orderProblem(had.rowPtr.data, order.data) : null;
}

/** The places of a person's items are 0 … n − 1, each once. */
function orderProblem(starts: Int32Array, order: Int32Array): string | null {
  for (let user = 0; user + 1 < starts.length; user++) {
    const places = order.subarray(starts[user], starts[user + 1]);
    const found = new Uint8Array(places.length);
    for (const place of places) if (place >= 0 && place < found.length) found[place] = 1;
    if (found.includes(0))
      return `expected seen.order to have each place of user ${user} once, received others`;
  }
  return null;
}
