import type { Tensor } from '../../format/tensor.ts';
import { codeTensors, readCodes } from './factors.ts';
import type { TextPart } from './parts.ts';
import type { ModelSource } from './source.ts';

// - `text_codes` I8 [numItems, width], `text_scales` F32 [numItems]: vectors of the items' texts, of length 1 or 0
// - in the metadata `text_encoder`: the embedder that made them

/** The tensors of text vectors, and their part of the metadata. */
export function textTensors(part: TextPart): {
  tensors: Record<string, Tensor>;
  metadata: Record<string, string>;
} {
  return { tensors: codeTensors('text', part), metadata: { text_encoder: part.encoder } };
}

/** The text vectors; null for a model without. @throws {FormatError} when a part is missing or of another type */
export function readText(source: ModelSource): TextPart | null {
  const codes = readCodes(source, 'text');
  return codes && { ...codes, encoder: source.metadata.text_encoder ?? '', width: codes.codes.shape[1] };
}
