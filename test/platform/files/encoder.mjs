// Prints the vectors of texts from a sentence encoder in a folder of models, as JSON.
import * as module from '@huggingface/transformers';

const [embedders, modelFolder, texts] = process.argv.slice(2);
const { embedInBatches, transformersEmbedder } = await import(embedders);
const embedder = transformersEmbedder({ module, modelFolder, model: 'Xenova/all-mpnet-base-v2' });
console.log(JSON.stringify(Array.from((await embedInBatches(JSON.parse(texts), embedder)).vectors)));
