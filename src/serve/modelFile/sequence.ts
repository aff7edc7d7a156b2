import { FormatError } from '../../errors.ts';
import { canonicalJson, DAMAGED, parseJsonObject } from '../../format/json.ts';
import type { Tensor } from '../../format/tensor.ts';
import type { CodeWeights, SequenceWeights } from '../../rank/sequences/weights.ts';
import { copied } from './items.ts';
import type { CodeWeightsPart, ModelParts, SequencePart } from './parts.ts';
import { type ContentChecks, hostTensor, type ModelSource } from './source.ts';

// - `sequence.<table>` F32 [rows, columns]: the tables of a transformer, see `sequenceTables`
// - `sequence_codes` I32 [items, columns] and `sequence_tokens` F32 [tokens, dim], of one over codes: see `CodeWeights`
// - in the metadata `sequence`: its shape, the names of its tables and, of one over codes, `beams`, as JSON
//
// Of a transformer only types and numbers are looked at: what reads it checks the rest, so that serving is small without.

/** A transformer of the host as a part of a file. */
export function sequencePart({ tables, codes, ...shape }: SequenceWeights): SequencePart {
  const tensors = Object.entries(tables).map(([name, { rows, columns, values }]) => [
    name,
    hostTensor('F32', values, [rows, columns]),
  ]);
  return { shape, tables: Object.fromEntries(tensors), codes: codes ? codesPart(codes, shape.dim) : null };
}

function codesPart({ columns, values, tokens, beams }: CodeWeights, dim: number): CodeWeightsPart {
  return {
    values: hostTensor('I32', values, [values.length / columns, columns]),
    tokens: hostTensor('F32', tokens, [tokens.length / dim, dim]),
    beams,
  };
}

/** The tensors of a transformer, and its part of the metadata. */
export function sequenceTensors({ shape, tables, codes }: SequencePart): {
  tensors: Record<string, Tensor>;
  metadata: Record<string, string>;
} {
  const tensors = Object.entries(tables).map(([name, table]) => [`sequence.${name}`, copied(table)]);
  const told = { ...shape, tables: Object.keys(tables), ...(codes && { beams: codes.beams }) };
  const own = codes && { sequence_codes: copied(codes.values), sequence_tokens: copied(codes.tokens) };
  return {
    tensors: { ...Object.fromEntries(tensors), ...own },
    metadata: { sequence: canonicalJson(told, 'encodeModel: sequence') },
  };
}

/** The transformer; null for a model without. @throws {FormatError} when a table is missing or of another type */
export function readSequence(source: ModelSource): SequencePart | null {
  const { sequence } = source.metadata;
  if (sequence === undefined) return null;
  const { tables, beams, ...shape } = parseJsonObject(sequence, `${source.name}: sequence`);
  if (!Array.isArray(tables))
    throw new FormatError(source.name, 'expected the tables of a transformer, received none', DAMAGED);
  const tensors = tables.map((name) => [name, source.tensor(`sequence.${name}`, 'F32', 2)]);
  return {
    shape: shape as unknown as SequencePart['shape'],
    tables: Object.fromEntries(tensors),
    codes: source.has('sequence_codes')
      ? {
          values: source.tensor('sequence_codes', 'I32', 2),
          tokens: source.tensor('sequence_tokens', 'F32', 2),
          beams: beams as number,
        }
      : null,
  };
}

/** The transformer on the host. */
export function sequenceOf({ shape, tables, codes }: SequencePart): SequenceWeights {
  const copies = Object.entries(tables).map(([name, { shape: size, data }]) => [
    name,
    { rows: size[0], columns: size[1], values: data.slice() },
  ]);
  const own = { ...shape, tables: Object.fromEntries(copies) };
  if (!codes) return own;
  const { values, tokens, beams } = codes;
  const columns = values.shape[1];
  return { ...own, codes: { columns, values: values.data.slice(), tokens: tokens.data.slice(), beams } };
}

/** What does not fit about a transformer and the order of histories, as "expected …, received …"; null when all does. */
export function sequenceProblem(
  { sequence, factors, users, blend, items }: ModelParts,
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
  const problem = sequence.codes && codesProblem(sequence.codes, items.ids.count, checks);
  return problem ?? (had && order ? orderProblem(had.rowPtr.data, order.data) : null);
}

function codesProblem(
  { values, tokens }: CodeWeightsPart,
  numItems: number,
  checks: ContentChecks,
): string | null {
  const [rows, columns] = values.shape;
  if (rows !== numItems || values.data.length !== rows * columns)
    return `expected codes of ${numItems} items, received those of ${rows}`;
  const whole = tokens.data.length === tokens.shape[0] * tokens.shape[1];
  const at = whole ? checks.firstNonFinite(tokens) : 0;
  return at < 0 ? null : `expected ${tokens.shape.join(' × ')} finite values of tokens, received others`;
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
