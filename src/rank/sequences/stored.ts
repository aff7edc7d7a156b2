import { codesProblem, codeVocabulary } from '../../data/itemCodes.ts';
import { FormatError, shown } from '../../errors.ts';
import { DAMAGED, type JsonValue } from '../../format/json.ts';
import type { Tensor } from '../../format/tensor.ts';
import { type CodeWeights, type SequenceShape, type SequenceWeights, sequenceTables } from './weights.ts';

// A transformer in a checkpoint: its shape as JSON, and tensors `sequence.<table>` F32 [rows, columns]. One over codes has its
// beams beside the shape and `sequence.tokens` F32 [tokens, dim]; the codes are those of the data.

/** The shape of a transformer alone, as JSON. */
export function sequenceShape({
  dim,
  heads,
  blocks,
  maxLength,
  inner,
  codes,
}: SequenceShape & Pick<SequenceWeights, 'codes'>): Record<string, number> {
  return { dim, heads, blocks, maxLength, inner, ...(codes && { beams: codes.beams }) };
}

/** Its tables as tensors. */
export function sequenceTensors({ tables, codes, dim }: SequenceWeights): Record<string, Tensor> {
  const own = Object.entries(tables).map(([name, { rows, columns, values }]): [string, Tensor] => [
    `sequence.${name}`,
    { dtype: 'F32', shape: [rows, columns], data: values },
  ]);
  if (!codes) return Object.fromEntries(own);
  const { tokens } = codes;
  const data: Tensor = { dtype: 'F32', shape: [tokens.length / dim, dim], data: tokens };
  return { ...Object.fromEntries(own), 'sequence.tokens': data };
}

/**
 * The transformer that was written as `sequenceShape` and `sequenceTensors`.
 * @param codes what it was trained with; null for one over items
 * @throws {FormatError} for no shape, and tables that do not fit it
 */
export function readSequence(
  shape: JsonValue,
  codes: Omit<CodeWeights, 'tokens'> | null,
  table: (name: string, rows: number, columns: number) => Float32Array,
  where: string,
): SequenceWeights {
  const checked = checkedShape(shape as unknown as SequenceShape, where);
  const tables = Object.entries(sequenceTables(checked)).map(([name, { rows, columns }]) => [
    name,
    { rows, columns, values: table(`sequence.${name}`, rows, columns) },
  ]);
  const own = { ...checked, tables: Object.fromEntries(tables) };
  if (!codes) return own;
  const tokens = table('sequence.tokens', codeVocabulary(codes).tokens, checked.dim);
  return { ...own, codes: { ...codes, tokens } };
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
  const problem = weights.codes && codeWeightsProblem(weights, weights.codes);
  if (problem) throw new FormatError(where, problem, DAMAGED);
}

/** What does not fit about the codes of a transformer; null when all does. */
function codeWeightsProblem({ dim, maxLength }: SequenceShape, codes: CodeWeights): string | null {
  const { columns, values, tokens, beams } = codes;
  if (!(values?.length > 0) || !Number.isSafeInteger(beams) || beams < 1)
    return `expected codes { columns, values, tokens, beams }, received ${shown(codes)}`;
  const problem = codesProblem(codes, Math.floor(values.length / columns));
  if (problem) return problem;
  if ((maxLength + 1) % columns !== 0)
    return `expected a length of whole items of ${columns} codes, less one, received ${maxLength}`;
  const rows = codeVocabulary(codes).tokens;
  if (tokens?.length === rows * dim) return null;
  return `expected ${rows} × ${dim} values of tokens, received ${tokens?.length}`;
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
