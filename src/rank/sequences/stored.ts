import { FormatError, shown } from '../../errors.ts';
import { DAMAGED, type JsonValue } from '../../format/json.ts';
import type { Tensor } from '../../format/tensor.ts';
import { type SequenceShape, type SequenceWeights, sequenceTables } from './weights.ts';

// A transformer in a file: its shape as JSON, and tensors `sequence.<table>` F32 [rows, columns].

/** The shape of a transformer alone, as JSON. */
export function sequenceShape({
  dim,
  heads,
  blocks,
  maxLength,
  inner,
}: SequenceShape): Record<string, number> {
  return { dim, heads, blocks, maxLength, inner };
}

/** Its tables as tensors. */
export function sequenceTensors(weights: SequenceWeights): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(sequenceTables(weights)).map(([name, { rows, columns }]) => [
      tensorName(name),
      { dtype: 'F32', shape: [rows, columns], data: weights.tables[name] },
    ]),
  );
}

/** The transformer that was written as `sequenceShape` and `sequenceTensors`. */
export function readSequence(
  shape: JsonValue,
  table: (name: string, rows: number, columns: number) => Float32Array,
  where: string,
): SequenceWeights {
  const checked = checkedShape(shape, where);
  const tables = Object.entries(sequenceTables(checked)).map(([name, { rows, columns }]) => [
    name,
    table(tensorName(name), rows, columns),
  ]);
  return { ...checked, tables: Object.fromEntries(tables) };
}

/** Prefix of the tensors. */
export function tensorName(table: string): string {
  return `sequence.${table}`;
}

/** No transformer of this package has more blocks; what a damaged file says must not be allocated. */
const MOST = { dim: 2 ** 16, heads: 2 ** 16, blocks: 256, maxLength: 2 ** 20, inner: 2 ** 20 };

function checkedShape(shape: JsonValue, where: string): SequenceShape {
  const given = (typeof shape === 'object' && shape !== null ? shape : {}) as Record<string, JsonValue>;
  for (const [name, most] of Object.entries(MOST)) {
    const value = given[name];
    if (Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= most) continue;
    throw new FormatError(
      where,
      `expected ${name} of a transformer in 1 … ${most}, received ${shown(value)}`,
      DAMAGED,
    );
  }
  const { dim, heads, blocks, maxLength, inner } = given as unknown as SequenceShape;
  if (dim % heads === 0) return { dim, heads, blocks, maxLength, inner };
  throw new FormatError(where, `expected heads that divide dim ${dim}, received ${heads}`, DAMAGED);
}
