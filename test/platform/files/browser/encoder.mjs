// A sentence encoder and a vision encoder of transformers.js in the page, on models beside it.
import * as transformers from '../huggingface/transformers.min.js';
import {
  embedInBatches,
  imageEmbedder,
  transformersEmbedder,
} from '../node_modules/llminit/dist/embedders.js';

/** @returns the vectors of `texts` and `images`, as JSON */
export async function encode(texts, images) {
  const { env } = transformers;
  env.backends.onnx.wasm.wasmPaths = new URL('../onnxruntime/', import.meta.url).href;
  env.backends.onnx.wasm.numThreads = 1;
  env.useBrowserCache = false;
  env.allowLocalModels = true;
  const options = {
    module: transformers,
    modelFolder: new URL('../models/', import.meta.url).pathname,
    device: 'wasm',
  };
  const text = transformersEmbedder({ ...options, model: 'Xenova/all-mpnet-base-v2' });
  const image = imageEmbedder({ ...options, model: 'clip' });
  const rowsOf = async (items, embedder) => Array.from((await embedInBatches(items, embedder)).vectors);
  return JSON.stringify({ texts: await rowsOf(texts, text), images: await rowsOf(images, image) });
}
