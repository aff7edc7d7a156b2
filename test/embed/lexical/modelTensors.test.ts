import { beforeAll, expect, test } from 'vitest';
import { embedInBatches } from '../../../src/embed/batches.ts';
import type { Embeddings } from '../../../src/embed/embeddings.ts';
import { embeddingsFromSafetensors, embeddingsToSafetensors } from '../../../src/embed/files.ts';
import { toEmbedder } from '../../../src/embed/foreign/toEmbedder.ts';
import { lexicalEmbedder } from '../../../src/embed/lexical/lexicalEmbedder.ts';
import type { LexicalModel } from '../../../src/embed/lexical/model.ts';
import { lexicalFromTensors, lexicalTensors } from '../../../src/embed/lexical/modelTensors.ts';
import { textTransform } from '../../../src/embed/lexical/transform.ts';
import { FormatError } from '../../../src/errors.ts';
import { decodeSafetensors, encodeSafetensors } from '../../../src/format/safetensors.ts';
import type { Tensor } from '../../../src/format/tensor.ts';

const texts = ['red', 'blue', 'green'].flatMap((colour) =>
  ['lamp', 'desk', 'chair', 'shelf'].map((thing) => `${colour} ${thing}, ${colour} wood`),
);
let embeddings: Embeddings;
let model: LexicalModel;
beforeAll(async () => {
  embeddings = await embedInBatches(texts, toEmbedder(lexicalEmbedder({ dim: 6 }), { batchSize: 5 }));
  model = embeddings.lexical!;
});

function written(change: (tensors: Record<string, Tensor>, metadata: Record<string, string>) => void) {
  const { tensors, metadata } = lexicalTensors(model);
  change(tensors, metadata);
  return decodeSafetensors(encodeSafetensors(tensors, metadata), 'f');
}

test('a file of lexical vectors makes the vectors of new texts as the embeddings themselves do', () => {
  const again = embeddingsFromSafetensors(embeddingsToSafetensors(embeddings), 'x');
  expect(again).toEqual(embeddings);
  const [ours, theirs] = [embeddings, again].map(({ lexical }) => textTransform(lexical!));
  expect(theirs('red cupboard of wood')).toEqual(ours('red cupboard of wood'));
});

test('in 8 bits the projection takes a quarter and new vectors point the same way', () => {
  const { tensors, metadata } = lexicalTensors(model, 'int8');
  const small = lexicalFromTensors(decodeSafetensors(encodeSafetensors(tensors, metadata), 'f'))!;
  expect(tensors['lexical.projection'].data.byteLength).toBe(model.projection.length);
  const [whole, rounded] = [model, small].map((m) => textTransform(m)('green lamp')!);
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, n) => sum + value * b[n], 0);
  expect(dot(whole, rounded) / Math.sqrt(dot(whole, whole) * dot(rounded, rounded))).toBeGreaterThan(0.999);
});

test('a file without a model has none', () => {
  expect(lexicalFromTensors(decodeSafetensors(encodeSafetensors({}, {}), 'f'))).toBe(null);
});

const damages: [
  string,
  (tensors: Record<string, Tensor>, metadata: Record<string, string>) => void,
  RegExp,
][] = [
  ['a missing part', (t) => delete t['lexical.weights'], /lexical\.weights/],
  [
    'another number of weights',
    (t) => {
      t['lexical.weights'] = { dtype: 'F32', shape: [1], data: Float32Array.of(1) };
    },
    /1 weights/,
  ],
  [
    'a column beyond the vocabulary',
    (t) => (t['lexical.columns'].data as Uint16Array).fill(60000, 0, 1),
    /column 60000/,
  ],
  ['a count of 0', (t) => (t['lexical.counts'].data as Uint8Array).fill(0, 0, 1), /a count below 1/],
  [
    'NaN in the projection',
    (t) => {
      t['lexical.projection'] = {
        ...t['lexical.projection'],
        data: new Float32Array(model.projection.length).fill(Number.NaN),
      };
    },
    /projection that is not finite/,
  ],
  [
    'a projection of another size',
    (t) => {
      t['lexical.projection'] = { dtype: 'F32', shape: [1, 6], data: new Float32Array(6) };
    },
    /shape \[12, 6\], received \[1, 6\]/,
  ],
  [
    'an unknown option',
    (_, metadata) => {
      metadata.lexical = '{"subwords":"some","segmentation":"characters"}';
    },
    /subwords/,
  ],
];
test.each(damages)('%s is a FormatError', (_, change, message) => {
  expect(() => lexicalFromTensors(written(change))).toThrow(FormatError);
  expect(() => lexicalFromTensors(written(change))).toThrow(message);
});
