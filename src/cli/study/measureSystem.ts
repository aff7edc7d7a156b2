import { decodeSafetensors } from '../../format/safetensors.ts';
import {
  alignEmbeddings,
  type Embeddings,
  encodeModel,
  LlminitError,
  Recommender,
  type Runtime,
  type Trained,
} from '../../index.ts';
import { Sequences } from '../../sequences.ts';
import { planServing } from '../../serve.ts';
import type { SystemCost } from './jobs.ts';

/** What a trained model can do as it is served, and what it takes. */
export type Abilities = Pick<SystemCost, 'parameters' | 'newItem' | 'stranger' | 'worker'>;

/** Items that a stranger is shown. */
const SHOWN = 10;

/**
 * Opens a trained model as it would be deployed, adds an item of which only the text is known, and asks for two strangers.
 * @param embeddings vectors of the items' texts; null where the model is told nothing of texts
 */
export function abilitiesOf(trained: Trained, embeddings: Embeddings | null, runtime: Runtime): Abilities {
  const model = trained.model({ embeddings: null, itemTitles: null });
  return {
    parameters: parametersIn(encodeModel(model)),
    worker: planServing(model, 'cloudflare-free').fits,
    stranger: opened(trained, null, runtime, (recommender) => goesByHistory(recommender, trained)),
    newItem: embeddings ? newItemOf(trained, embeddings, runtime) : 'no',
  };
}

/** Numbers in the tensors of a model file that training set: those in floating point. */
function parametersIn(file: Uint8Array): number {
  return Object.values(decodeSafetensors(file, 'model').tensors)
    .filter(({ dtype }) => dtype === 'F32' || dtype === 'F16')
    .reduce((sum, { data }) => sum + data.length, 0);
}

/** Whether two strangers with other histories are shown other items, beside those that each of them has. */
function goesByHistory(recommender: Recommender, { split }: Trained): boolean {
  const { itemIds } = split.train;
  const [first, second] = [itemIds.slice(0, 3), itemIds.slice(-3)];
  const exclude = [...first, ...second];
  const shown = [first, second].map((history) =>
    recommender.recommend({ history }, { k: SHOWN, exclude }).map(({ id }) => id),
  );
  return shown[0].join() !== shown[1].join();
}

/** How an item that came after training is placed: two of other texts must not get one score. */
function newItemOf(trained: Trained, embeddings: Embeddings, runtime: Runtime): SystemCost['newItem'] {
  const { itemIds } = trained.split.train;
  const texts = oppositeVectors(alignEmbeddings(embeddings, itemIds).vectors, embeddings.width);
  return opened(trained, embeddings, runtime, (recommender, byMap) => {
    try {
      recommender.addItems(texts.map((vector, n) => ({ id: NEW_IDS[n], vector })));
    } catch (error) {
      if (error instanceof LlminitError) return 'no';
      throw error;
    }
    const shown = recommender.recommend({ history: [itemIds[0]] }, { k: itemIds.length + NEW_IDS.length });
    const scores = shown.filter(({ id }) => NEW_IDS.includes(id)).map(({ score }) => score);
    if (new Set(scores).size < NEW_IDS.length) return 'no';
    return byMap ? 'map' : 'neighbours';
  });
}

/** No ids of a dataset. */
const NEW_IDS = ['\u0001new', '\u0001newer'];

/** The first vector, and the one that has least in common with it. */
function oppositeVectors(vectors: Float32Array, width: number): Float32Array[] {
  const row = (n: number) => vectors.slice(n * width, (n + 1) * width);
  const first = row(0);
  let [least, at] = [Infinity, 0];
  for (let n = 1; n < vectors.length / width; n++) {
    const product = row(n).reduce((sum, value, column) => sum + value * first[column], 0);
    if (product < least) [least, at] = [product, n];
  }
  return [first, row(at)];
}

/** Does something with the opened model. `byMap`: whether it makes rows of vectors by a map of its own. */
function opened<T>(
  trained: Trained,
  embeddings: Embeddings | null,
  runtime: Runtime,
  ask: (recommender: Recommender, byMap: boolean) => T,
): T {
  const model = trained.model({ embeddings, itemTitles: null });
  const recommender = new Recommender(model, runtime, new Sequences(runtime));
  try {
    return ask(recommender, Boolean(model.itemMap));
  } finally {
    recommender.close();
  }
}
