#!/usr/bin/env -S deno run --allow-read --allow-write
// Trains on a CSV of loans and a CSV of books (invented) and saves the model:
//   deno task train
import { readCatalogue, readInteractions, train } from 'llminit';

const [loans = 'data/loans.csv', books = 'data/books.csv', model = 'model.safetensors'] = Deno.args;
const { interactions } = await readInteractions(await Deno.readFile(loans), { name: loans });
const { catalogue } = await readCatalogue(await Deno.readFile(books), { name: books });
const trained = await train({ interactions, catalogue });
await Deno.writeFile(model, trained.encode());
console.log(`${trained.chosen} for ${catalogue.ids.length} items: ${model}`);
