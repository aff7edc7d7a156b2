// Trains on a CSV of loans and a CSV of books (invented), saves the model and recommends. Run with
//   npm install && npm run train
import { Recommender, readCatalogue, readInteractions, train } from 'llminit';
import { openSource, writeAtomic } from 'llminit/node';

const file = (name) => new URL(name, import.meta.url);
const { interactions } = await readInteractions(openSource(file('data/loans.csv')), { name: 'loans.csv' });
const { catalogue } = await readCatalogue(openSource(file('data/books.csv')), { name: 'books.csv' });

// What suits these clicks and texts best is chosen on held-out loans; the test loans are looked at once.
const trained = await train({ interactions, catalogue });
const { means } = await trained.evaluate({ ks: [5] });
console.log(`${trained.chosen}, recall@5 of the test loans: ${means['recall@5'].toFixed(2)}`);

const bytes = trained.encode();
await writeAtomic(file('model.safetensors'), bytes);

const recommender = await Recommender.open(bytes);
for (const { id, title } of recommender.recommend('reader01', { k: 3 })) console.log(`${id} ${title}`);
