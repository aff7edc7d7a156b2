// The interactions and vectors of a recorded study, as `llminit reproduce --dataset` reads them.
import { readFileSync } from 'node:fs';
import {
  combineEmbeddings,
  embeddingsFromNpy,
  kCore,
  lexicalEmbeddings,
  readCatalogue,
  readInteractions,
} from '../dist/index.js';
import { openSource } from '../dist/node.js';

/**
 * @param folder holds the datasets
 * @param vectors `bert` or `use`: an encoder's with half the weight of lexical ones beside them; `lexical`: those alone
 */
export async function studyData(folder, dataset, vectors) {
  const stem = `${folder}/${dataset}/${dataset}`;
  const office = dataset === 'amazon-office';
  const options = { name: `${dataset}.inter`, minRating: office ? 4 : undefined };
  const all = (await readInteractions(openSource(`${stem}.inter`), options)).interactions;
  const { catalogue } = await readCatalogue(openSource(`${stem}.item`), {
    ...{ name: `${dataset}.item`, textColumns: ['description'] },
  });
  const interactions = office ? kCore(all, 5) : all;
  return {
    interactions,
    embeddings: await vectorsOf(stem, dataset, vectors, interactions.itemIds, catalogue),
  };
}

async function vectorsOf(stem, dataset, vectors, itemIds, catalogue) {
  const { texts, missing } = catalogue.aligned(itemIds);
  const without = new Set(missing);
  const present = itemIds.flatMap((id, n) => (without.has(id) ? [] : [[id, texts[n]]]));
  const { embeddings: lexical } = await lexicalEmbeddings(
    present.map(([id]) => id),
    present.map(([, text]) => text),
  );
  if (vectors === 'lexical') return lexical;
  const bert = dataset === 'amazon-scientific-small' ? 'text512.f32' : 'bert-cls.f16';
  const file = vectors === 'use' ? 'use512.f16' : bert;
  const names = { vectors: `${stem}.${file}.npy`, ids: `${stem}.${file.split('.')[0]}.ids.txt` };
  const encoder = embeddingsFromNpy(readFileSync(names.vectors), readFileSync(names.ids, 'utf8'), names);
  const parts = [
    { embeddings: encoder, weight: 0.5 },
    { embeddings: lexical, weight: 1 },
  ];
  return combineEmbeddings(parts, itemIds);
}
