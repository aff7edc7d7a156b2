import { FormatError } from '../../errors.ts';
import { DAMAGED } from '../../format/json.ts';
import type { Dtype, Tensor } from '../../format/tensor.ts';
import { codeTensors, readCodes } from './factors.ts';
import type { LexicalPart, TextPart } from './parts.ts';
import type { ModelSource, TensorRef } from './source.ts';

// - `text_codes` I8 [numItems, width], `text_scales` F32 [numItems]: vectors of the items' texts, of length 1 or 0
// - in the metadata `text_encoder`: the embedder that made them
// - for lexical vectors what makes those of new texts: `lexical.…` and `lexical` in the metadata, see `lexicalTensors`

/** Tensors of a lexical model: their types, and how many dimensions they have. */
const LEXICAL: Readonly<Record<string, readonly [dtypes: readonly Dtype[], dimensions: number]>> = {
  'lexical.vocabulary.bytes': [['U8'], 1],
  'lexical.vocabulary.offsets': [['I32'], 1],
  'lexical.weights': [['F32'], 1],
  'lexical.row_ptr': [['I32'], 1],
  'lexical.columns': [['U16', 'I32'], 1],
  'lexical.counts': [['U8', 'I32'], 1],
  'lexical.singular_values': [['F64'], 1],
  'lexical.projection': [['I8', 'F32'], 2],
};

/** The tensors of text vectors, and their part of the metadata. */
export function textTensors(part: TextPart): {
  tensors: Record<string, Tensor>;
  metadata: Record<string, string>;
} {
  const { lexical, encoder } = part;
  return {
    tensors: { ...codeTensors('text', part), ...(lexical && copiedTensors(lexical)) },
    metadata: { text_encoder: encoder, ...(lexical && { lexical: lexical.options }) },
  };
}

/** The tensors of a lexical model on the host, also when the memory that they lie in grows and moves. */
export function copiedTensors({ tensors }: LexicalPart): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { dtype, shape, data }]) => [
      name,
      { dtype, shape, data: data.slice() as typeof data },
    ]),
  );
}

/** The text vectors; null for a model without. @throws {FormatError} when a part is missing or of another type */
export function readText(source: ModelSource): TextPart | null {
  const codes = readCodes(source, 'text');
  if (!codes) return null;
  const width = codes.codes.shape[1];
  const lexical = readLexical(source, width);
  return { ...codes, encoder: source.metadata.text_encoder ?? '', width, lexical };
}

/** The lexical model, of which only the types and the width are looked at: the rest is checked when it is first used. */
function readLexical(source: ModelSource, width: number): LexicalPart | null {
  const options = source.metadata.lexical;
  if (options === undefined) return null;
  const tensors: Record<string, TensorRef> = {};
  for (const [name, [dtypes, dimensions]] of Object.entries(LEXICAL)) {
    const dtype = dtypes.find((one) => source.dtype(name) === one) ?? dtypes[0];
    tensors[name] = source.tensor(name, dtype, dimensions);
  }
  const { dtype, shape } = tensors['lexical.projection'];
  if (dtype === 'I8') tensors['lexical.scales'] = source.tensor('lexical.scales', 'F32', 1);
  if (shape[1] === width) return { options, tensors };
  const problem = `expected lexical.projection of ${width} columns, received ${shape[1]}`;
  throw new FormatError(source.name, problem, DAMAGED);
}
