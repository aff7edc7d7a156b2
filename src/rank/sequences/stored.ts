import { FormatError, shown } from '../../errors.ts';
import { DAMAGED, type JsonValue } from '../../format/json.ts';
import type { Tensor } from '../../format/tensor.ts';
import { type SequenceShape, type SequenceWeights, sequenceTables } from './weights.ts';

// A transformer in a checkpoint: its shape as JSON, and tensors `sequence.<table>` F32 [rows, columns].

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
export function sequenceTensors({ tables }: SequenceWeights): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(tables).map(([name, { rows, columns, values }]) => [
      `sequence.${name}`,
      { dtype: 'F32', shape: [rows, columns], data: values },
    ]),
  );
}

/** The transformer that was written as `sequenceShape` and `sequenceTensors`. @throws {FormatError} for no shape */
export function readSequence(
  shape: JsonValue,
  table: (name: string, rows: number, columns: number) => Float32Array,
  where: string,
): SequenceWeights {
  const checked = checkedShape(shape as unknown as SequenceShape, where);
  const tables = Object.entries(sequenceTables(checked)).map(([name, { rows, columns }]) => [
    name,
    { rows, columns, values: table(`sequence.${name}`, rows, columns) },
  ]);
  return { ...checked, tables: Object.fromEntries(tables) };
}

/** @throws {FormatError} for a shape that is none, and tables that do not fit it */
export function checkSequence(weights: SequenceWeights, where: string): void {
  const layouts = sequenceTables(checkedShape(weights, where));
  for (const name of new Set([...Object.keys(layouts), ...Object.keys(weights.tables)])) {
    const [wanted, found] = [layouts[name], weights.tables[name]];
    const size = ({ rows, columns }: { rows: number; columns: number }) => `${rows} × ${columns}`;
    if (wanted && found && size(wanted) === size(found) && found.values.length === found.rows * found.columns)
      continue;
    const problem = `expected a table ${name} of ${wanted ? size(wanted) : 'none'}, received ${found ? size(found) : 'none'}`;
    throw new FormatError(where, problem, DAMAGED);
  }
}

/** No transformer of this package has more; what a damaged file says must not be allocated. */
const MOST = { dim: 2 ** 16, heads: 2 ** 16, blocks: 256, maxLength: 2 ** 20, inner: 2 ** 20 };

function checkedShape(given: SequenceShape | null, where: string): SequenceShape {
  for (const [name, most] of Object.entries(MOST)) {
    const value = given?.[name as keyof SequenceShape];
    if (Number.isSafeInteger(value) && value! >= 1 && value! <= most) continue;
    const problem = `expected ${name} of a transformer in 1 … ${most}, received ${shown(value)}`;
    throw new FormatError(where, problem, DAMAGED);
  }
  const { dim, heads, blocks, maxLength, inner } = given!;
  if (dim % heads === 0) return { dim, heads, blocks, maxLength, inner };
  throw new FormatError(where, `expected heads that divide dim ${dim}, received ${heads}`, DAMAGED);
}
