import { Catalogue } from '../../src/data/catalogue.ts';
import { Interactions } from '../../src/data/interactions.ts';
import { leaveOneOut } from '../../src/data/splits.ts';
import { lexicalEmbeddings } from '../../src/embed/lexical/lexicalEmbeddings.ts';
import { smallShop } from '../cli/smallShop.ts';

const shop = smallShop();

/** 40 users, 24 items of three themes. */
export const interactions = Interactions.from(shop.interactions.map(([user, item]) => ({ user, item })));
export const split = leaveOneOut(interactions, { order: 'random', seed: 2020 });
export const catalogue = new Catalogue(
  shop.items.map(([id]) => id),
  shop.items.map(([, title, text]) => `${title} ${text}`),
  shop.items.map(([, title]) => title),
);

/** Lexical vectors of the shop's texts, 16 wide. */
export async function vectors() {
  const { texts } = catalogue.aligned(split.train.itemIds);
  return (await lexicalEmbeddings(split.train.itemIds, texts, { dim: 16 })).embeddings;
}

/** A training that takes milliseconds, with the authors' settings otherwise. */
export const small = { dim: 8, batchSize: 32, epochs: 12 } as const;
