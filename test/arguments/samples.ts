import type * as embedders from '../../src/embedders.ts';
import * as llminit from '../../src/index.ts';
import { plantedSplit } from '../models/planted.ts';
import { blendModel } from '../serve/sampleModels.ts';

/** Small right arguments that most calls share. */
export const split = plantedSplit(6, 6, 4);
export const { train } = split;
export const runtime = await llminit.load();

const DIM = 4;
export const values = Float32Array.from({ length: train.numItems * DIM }, (_, n) => Math.fround(Math.sin(n)));
export const tables = { users: new Float32Array(train.numUsers * DIM).fill(1), items: values, dim: DIM };
export const embeddings = new llminit.Embeddings({
  ...{ ids: train.itemIds, width: DIM, vectors: values, source: 'test' },
});
const COLOURS = ['red', 'blue', 'green', 'black'];
const THINGS = ['pen', 'bag', 'cup', 'lamp', 'shoe'];
export const texts = train.itemIds.map((_, n) => `${COLOURS[n % 4]} ${THINGS[n % 5]} number ${n}`);
export const catalogue = new llminit.Catalogue([...train.itemIds], texts);
export const lexical = (await llminit.lexicalEmbeddings(train.itemIds, texts)).embeddings.lexical!;
export const scorer = new llminit.TableScorer('tables', { kind: 'rows', ...tables, dim: DIM } as never);
export const csr = llminit.interactionsToCsr(train);
export const trained = await llminit.train(
  { split, embeddings },
  { init: 'variance', epochs: 1, dim: 2, runtime },
);

/** Vectors of two numbers. */
export const embedder: embedders.Embedder = {
  id: 'lengths',
  embed: async (given) => given.map((text) => [text.length, 1]),
};

/** A model with everything in it, its texts answered by three columns. */
export const model = { ...blendModel(), text: await textOf(blendModel().itemIds) };

async function textOf(itemIds: readonly string[]) {
  const own = itemIds.map((_, n) => `${COLOURS[n % 4]} ${THINGS[n % 5]}`);
  const { embeddings: vectors } = await llminit.lexicalEmbeddings(itemIds, own, { dim: 3 });
  return llminit.textVectors('lexical', vectors, itemIds);
}

export const recommender = () => new llminit.Recommender(model, runtime);

/** The bytes of a checkpoint in the middle of a training. */
export async function checkpoint(): Promise<llminit.Checkpoint> {
  let state: llminit.Checkpoint | undefined;
  await llminit.fit(split, tables, {
    ...{ epochs: 2, checkpointEvery: 1, runtime },
    onCheckpoint: (found) => {
      state = found;
    },
  });
  return state!;
}
