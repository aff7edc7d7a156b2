// Vectors kept in the page's own file system and in CacheStorage: embedded once, read again, and embedded anew where an
// entry was damaged.
import * as embedders from '../node_modules/llminit/dist/embedders.js';

const TEXTS = Array.from({ length: 40 }, (_, n) => `thing number ${n}`);

/** @returns for each kind of cache how many texts each of three runs embedded, as JSON */
export async function vectorCaches() {
  const folder = await navigator.storage.getDirectory();
  const responses = await caches.open('vectors');
  const damageFile = async () => {
    const { value } = await folder.keys().next();
    const writable = await (await folder.getFileHandle(value)).createWritable();
    await writable.write(new Uint8Array([1, 2, 3]));
    await writable.close();
  };
  const damageResponse = async () => {
    const [request] = await responses.keys();
    await responses.put(request, new Response('gone'));
  };
  return JSON.stringify({
    opfs: await threeRuns(embedders.directoryHandleCache(folder), damageFile),
    cacheStorage: await threeRuns(embedders.responseCache(responses), damageResponse),
  });
}

async function threeRuns(cache, damage) {
  const embedded = [];
  const vectors = [];
  for (let run = 0; run < 3; run++) {
    if (run === 2) await damage();
    let count = 0;
    const rowOf = (text) =>
      Array.from({ length: 8 }, (_, k) => Math.fround((text.length + k) / 7 + text.charCodeAt(13)));
    const embedder = embedders.toEmbedder(
      (texts) => {
        count += texts.length;
        return texts.map(rowOf);
      },
      { id: 'counting' },
    );
    vectors.push((await embedders.embedInBatches(TEXTS, embedder, { cache })).vectors.join());
    embedded.push(count);
  }
  return { embedded, isSame: vectors.every((text) => text === vectors[0]) };
}
