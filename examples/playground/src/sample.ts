// The invented shop of `llminit demo`, as files.
import { makeCatalogue } from '../../demo/makeCatalogue.mjs';
import type { ChosenColumns, InputFile } from './messages.ts';
import { toCsv } from './toCsv.ts';

/** What its products can be filtered by. */
export const SAMPLE_COLUMNS: ChosenColumns = { keep: ['brand', 'price'] };

/** Prices between these, by turns. */
const PRICES = [5, 95] as const;

export function sampleFiles(): InputFile[] {
  const { items, interactions } = makeCatalogue();
  const [least, most] = PRICES;
  const products = items.map(({ id, title, description }, n) => {
    const [brand] = title.split(' ');
    return [id, title, description, brand, least + ((n * 37) % (most - least))];
  });
  return [
    file('ratings.csv', ['user_id', 'item_id', 'rating'], interactions),
    file('products.csv', ['item_id', 'title', 'description', 'brand', 'price'], products),
  ];
}

function file(
  name: string,
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): InputFile {
  return { name, bytes: new TextEncoder().encode(toCsv([header, ...rows])) };
}
