// Vectors of the items, and their map.
import {
  type Catalogue,
  combineEmbeddings,
  type Embeddings,
  type Interactions,
  initialize,
  leaveOneOut,
  lexicalEmbeddings,
} from 'llminit';
import { embeddingsFromNpy, embeddingsFromTable, embedTexts, responseCache } from 'llminit/embedders';
import onnxLoader from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import onnxWasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import type { Progress, VectorSource, VectorSummary } from '../messages.ts';

type Report = (progress: Progress) => void;

/** @throws {LlminitError} for texts without terms, a file of another form, an encoder that cannot be loaded */
export async function makeVectors(
  source: VectorSource,
  catalogue: Catalogue,
  report: Report,
): Promise<Embeddings | null> {
  if (source.kind === 'none') return null;
  const { ids, texts } = catalogue;
  const onProgress = ({ done, total }: { done: number; total: number }) =>
    report({ what: `${done.toLocaleString()} of ${total.toLocaleString()} texts`, share: done / total });
  const lexical = async () => (await lexicalEmbeddings(ids, texts)).embeddings;
  if (source.kind === 'lexical') return lexical();
  if (source.kind === 'encoder') {
    report({ what: `loading ${source.model}`, share: null });
    const encoded = await embedTexts(texts, {
      ids,
      model: source.model,
      modelFolder: source.folder ?? undefined,
      module: await transformers(),
      device: (await navigator.gpu?.requestAdapter()) ? 'webgpu' : 'wasm',
      onDownload: ({ file, loadedBytes, totalBytes }) =>
        report({ what: `loading ${file}`, share: totalBytes > 0 ? loadedBytes / totalBytes : null }),
      cache: responseCache(await caches.open('llminit-vectors')),
      onProgress,
    });
    return beside(encoded, await lexical(), ids);
  }
  const { file, ids: idsFile } = source;
  const given = idsFile
    ? embeddingsFromNpy(file.bytes, new TextDecoder().decode(idsFile.bytes), {
        vectors: file.name,
        ids: idsFile.name,
      })
    : await embeddingsFromTable(file.bytes, file.name);
  return beside(given, await lexical(), ids);
}

/** The package, with its own WebAssembly from this site instead of from a host of others. */
async function transformers() {
  const module = await import('@huggingface/transformers');
  const { wasm } = module.env.backends.onnx;
  if (wasm) wasm.wasmPaths = { wasm: absolute(onnxWasm), mjs: absolute(onnxLoader) };
  return module;
}

function absolute(url: string): string {
  return new URL(url, import.meta.url).href;
}

/** An encoder's vectors with half the weight of the lexical ones, as the command line puts them side by side. */
function beside(encoded: Embeddings, lexical: Embeddings, ids: readonly string[]): Embeddings {
  const parts = [
    { embeddings: encoded, weight: 0.5 },
    { embeddings: lexical, weight: 1 },
  ];
  return combineEmbeddings(parts, ids);
}

/** The items in the plane of the first two principal components of their vectors. */
export async function mapOf(
  interactions: Interactions,
  embeddings: Embeddings,
  catalogue: Catalogue,
): Promise<VectorSummary> {
  const { train } = leaveOneOut(interactions, { order: 'random', seed: 2020 });
  const { items } = await initialize(train, embeddings, { strategy: 'pca', dim: 2 });
  const titles = new Map(catalogue.ids.map((id, n) => [id, catalogue.titles?.[n] ?? catalogue.texts[n]]));
  return {
    width: embeddings.width,
    source: embeddings.source,
    ids: train.itemIds,
    titles: train.itemIds.map((id) => titles.get(id) ?? id),
    points: items,
  };
}
