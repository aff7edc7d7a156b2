/**
 * Writes a tiny model that transformers.js can load, for tests: two layers, two heads, hidden size 32, seeded random
 * weights, about 100 KB. Its vectors mean nothing, but are computed as a real model's are.
 *
 *   node scripts/make-tiny-model.mjs models/tiny [bert | mpnet | decoder | clip-vision]
 *
 *   models/tiny/config.json, tokenizer.json, tokenizer_config.json, onnx/model.onnx
 *   of clip-vision: config.json, preprocessor_config.json, onnx/vision_model.onnx
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bert } from './tiny-models/bert.mjs';
import { clipVision } from './tiny-models/clipVision.mjs';
import { decoder } from './tiny-models/decoder.mjs';
import { mpnet } from './tiny-models/mpnet.mjs';

const MODELS = { bert, mpnet, decoder, 'clip-vision': clipVision };

const [folder, kind = 'bert', ...rest] = process.argv.slice(2);
if (!folder || !Object.hasOwn(MODELS, kind) || rest.length > 0) {
  console.error(`Usage: node scripts/make-tiny-model.mjs FOLDER [${Object.keys(MODELS).join(' | ')}]`);
  process.exit(2);
}
for (const [name, content] of Object.entries(MODELS[kind]())) {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content instanceof Uint8Array ? content : JSON.stringify(content, null, 2));
}
