import type { FeatureExtractor, Tokenizer, TokenMask } from './load.ts';
import { type FeatureTensor, pooledRows, poolTokens, tokenRows, unitRow } from './pooling.ts';
import type { TokenPooling } from './presets.ts';

/** How token vectors become those of texts. */
export interface Pooling {
  readonly pooling: TokenPooling;
  readonly normalize: boolean;
  /** Name of the model, for messages. */
  readonly model: string;
}

/** The vectors of a batch. */
export interface Encoded {
  readonly rows: Float32Array[];
  /** Texts of which the model has read the beginning only; 0 where that cannot be told. */
  readonly truncated: number;
}

/**
 * The pooled vectors of texts. A pipeline that shows its tokenizer and its model is taken apart, so that
 * the tokens are made once and padding, on whichever side, is known; any other is called as it is.
 *
 * @throws {ShapeError} another shape than [texts × width] or [texts × tokens × width]
 * @throws {UnsupportedError} another type than float32
 */
export async function encodeTexts(
  extractor: FeatureExtractor,
  texts: string[],
  how: Pooling,
): Promise<Encoded> {
  const { tokenizer, model: network } = extractor;
  if (!tokenizer || typeof network !== 'function') return asItIs(extractor, texts, how);
  const inputs = tokenizer(texts, { padding: true, truncation: true });
  const outputs = await network(inputs);
  // What the pipelines themselves take; a decoder's hidden states may be called logits.
  const tensor = outputs.last_hidden_state ?? outputs.logits ?? outputs.token_embeddings;
  if (!tensor) return asItIs(extractor, texts, how);
  const rows = poolTokens(tensor, inputs.attention_mask, how.pooling, how.model);
  for (const output of Object.values(outputs)) output?.dispose?.();
  const truncated = countTruncated(texts, inputs.attention_mask, tokenizer);
  return { rows: how.normalize ? rows.map(unitRow) : rows, truncated };
}

/** With what a pipeline pools itself; nothing tells padding from tokens then, so that for the last one each text goes alone. */
async function asItIs(
  extractor: FeatureExtractor,
  texts: string[],
  { pooling, normalize, model }: Pooling,
): Promise<Encoded> {
  if (pooling !== 'last_token') {
    const tensor = await extractor(texts, { pooling, normalize });
    return { rows: released(tensor, pooledRows(tensor, texts.length, model)), truncated: 0 };
  }
  const rows: Float32Array[] = [];
  for (const text of texts) {
    const tensor = await extractor([text], { pooling: 'none', normalize: false });
    rows.push(...released(tensor, tokenRows(tensor, [tensor.dims[1] - 1], model)));
  }
  return { rows: normalize ? rows.map(unitRow) : rows, truncated: 0 };
}

/** The rows, which are copies, once the tensor is freed. */
function released(tensor: FeatureTensor, rows: Float32Array[]): Float32Array[] {
  tensor.dispose?.();
  return rows;
}

/** Only a text that fills all places may have been cut: it is looked at again, whole. */
function countTruncated(texts: readonly string[], mask: TokenMask, tokenizer: Tokenizer): number {
  const { model_max_length: most } = tokenizer;
  const [rows, tokens] = mask.dims;
  if (most === undefined || tokens < most) return 0;
  let truncated = 0;
  for (let row = 0; row < rows; row++) {
    let present = 0;
    for (let at = row * tokens; at < (row + 1) * tokens; at++) present += Number(mask.data[at]);
    if (present < most) continue;
    const { attention_mask } = tokenizer([texts[row]], { padding: false, truncation: false });
    if (attention_mask.dims[1] > most) truncated++;
  }
  return truncated;
}
