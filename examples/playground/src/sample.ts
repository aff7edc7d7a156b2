// The invented shop of `llminit demo`, as files.
import { makeCatalogue } from '../../demo/makeCatalogue.mjs';
import type { InputFile } from './messages.ts';
import { toCsv } from './toCsv.ts';

export function sampleFiles(): InputFile[] {
  const { items, interactions } = makeCatalogue();
  return [
    file('ratings.csv', ['user_id', 'item_id', 'rating'], interactions),
    file('products.csv', ['item_id', 'title', 'description'], items.map(Object.values)),
  ];
}

function file(
  name: string,
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): InputFile {
  return { name, bytes: new TextEncoder().encode(toCsv([header, ...rows])) };
}
