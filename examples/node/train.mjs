// Trains on a CSV of loans and a CSV of books (invented), saves the model and recommends. Run with
//   npm install && node train.mjs
import {
  encodeModel,
  evaluate,
  fit,
  initialize,
  leaveOneOut,
  lexicalEmbeddings,
  modelFrom,
  Recommender,
  readCatalogue,
  readInteractions,
} from 'llminit';
import { openSource, writeAtomic } from 'llminit/node';

const file = (name) => new URL(name, import.meta.url);
const { interactions } = await readInteractions(openSource(file('loans.csv')), { name: 'loans.csv' });
const { catalogue } = await readCatalogue(openSource(file('books.csv')), { name: 'books.csv' });

// The texts of the books, as vectors; `embedTexts` takes a sentence encoder instead.
const { embeddings } = await lexicalEmbeddings(catalogue.ids, catalogue.texts, { dim: 16 });
const split = leaveOneOut(interactions, { order: 'random', seed: 1 });
const initial = await initialize(split.train, embeddings, { dim: embeddings.width });
const { factors } = await fit(split, initial, { epochs: 30, batchSize: 32 });
const { means } = await evaluate(factors, split, { ks: [5] });
console.log(`recall@5 of the held-out loans: ${means['recall@5'].toFixed(2)}`);

const model = modelFrom(split, factors, { itemTitles: catalogue });
await writeAtomic('model.safetensors', encodeModel(model));

const recommender = await Recommender.open(encodeModel(model));
for (const { id, title } of recommender.recommend('reader01', { k: 3 })) console.log(`${id} ${title}`);
