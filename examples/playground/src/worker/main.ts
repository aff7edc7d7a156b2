// The worker: keeps what was loaded, and answers one question after the other.
import { type Embeddings, type TrainingData, trainingData } from 'llminit';
import type { Request, VectorSource } from '../messages.ts';
import { type LoadedData, readData } from './data.ts';
import { race } from './race.ts';
import * as store from './store.ts';
import { makeVectors, mapOf } from './vectors.ts';

const SEED = 2020;
const PAUSED = new Error('paused');

let loaded: LoadedData | null = null;
let embeddings: Embeddings | null = null;
let source: VectorSource = { kind: 'none' };
let files: readonly { readonly name: string; readonly bytes: Uint8Array }[] = [];
let columns = {};
let running: AbortController | null = null;

self.addEventListener('message', async ({ data }: MessageEvent<{ id: number; request: Request }>) => {
  const { id, request } = data;
  if (request.type === 'pause') {
    running?.abort(PAUSED);
    return;
  }
  try {
    self.postMessage({ type: 'done', id, value: await answer(request) });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    self.postMessage({ type: 'failed', id, message, paused: error === PAUSED });
  }
});

async function answer(request: Exclude<Request, { type: 'pause' }>): Promise<unknown> {
  const report = (progress: object) => self.postMessage({ type: 'progress', progress });
  if (request.type === 'read') {
    report({ what: 'reading', share: null });
    loaded = await readData(request.files, request.columns);
    ({ files, columns } = request);
    embeddings = null;
    return loaded.summary;
  }
  if (loaded === null) throw new Error('Choose data first.');
  const { interactions, catalogue } = loaded;
  if (request.type === 'vectors') {
    source = request.source;
    embeddings = catalogue && (await makeVectors(source, catalogue, report));
    return catalogue && embeddings && mapOf(interactions, embeddings, catalogue);
  }
  const data = await prepared();
  const job = (request.resume && (await store.readJob())) || {
    ...{ columns, fileNames: files.map(({ name }) => name), finished: [], running: null },
    ...{ vectors: source.kind === 'file' ? ({ kind: 'file' } as const) : source },
    ...{ entrants: request.entrants, dim: request.dim },
  };
  if (!request.resume) {
    await store.clear();
    for (const file of files) await store.write(store.inputName(file), file.bytes);
  }
  running = new AbortController();
  try {
    await race(data, job, running.signal, {
      onEpoch: (point) => self.postMessage({ type: 'epoch', point }),
      onFinish: (finish) => self.postMessage({ type: 'finish', finish }),
    });
  } finally {
    running = null;
  }
  return null;
}

/** The split with its vectors, made once for all entrants. */
function prepared(): Promise<TrainingData> {
  const { interactions, catalogue, attributes } = loaded!;
  const parts = { interactions, embeddings, attributes, catalogue: catalogue ?? undefined };
  return trainingData(parts, { seed: SEED });
}
