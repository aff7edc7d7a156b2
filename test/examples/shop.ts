// What the examples of the reference work on, as a reader of them has it: a small shop of 40 items and 60 people.
import { rerankCases } from '../../src/chat/rerank/cases.ts';
import { toChat } from '../../src/chat/toChat.ts';
import { Catalogue } from '../../src/data/catalogue.ts';
import { interactionsToCsr } from '../../src/data/csr.ts';
import { type InteractionRow, Interactions } from '../../src/data/interactions.ts';
import type { NodeTables } from '../../src/data/nodeTables.ts';
import { leaveOneOut } from '../../src/data/splits.ts';
import { lexicalEmbeddings } from '../../src/embed/lexical/lexicalEmbeddings.ts';
import { initialize } from '../../src/init/initialize.ts';
import { popularity } from '../../src/models/closed/popularity.ts';
import { load } from '../../src/runtime/load.ts';
import { encodeModel } from '../../src/serve/modelFile/encode.ts';
import { Recommender } from '../../src/serve/recommender.ts';
import { modelFrom } from '../../src/train/trainedModel.ts';

const KINDS = ['bottle', 'scarf', 'chair', 'tea'];
const SORTS = ['steel', 'wool', 'oak', 'green', 'red', 'blue', 'old', 'new', 'round', 'light'];

export const rows: InteractionRow[] = Array.from({ length: 600 }, (_, n) => ({
  user: `u${n % 60}`,
  item: `i${(n % 4) + 4 * (((n % 60) + 3 * Math.floor(n / 60)) % 10)}`,
  timestamp: 1.7e9 + 3600 * n,
}));
export const itemIds = Array.from({ length: 40 }, (_, n) => `i${n}`);
export const texts = itemIds.map((_, n) => `${SORTS[Math.floor(n / 4)]} ${KINDS[n % 4]}`);
export const catalogue = Catalogue.from(
  itemIds.map((id, n) => ({ id, title: texts[n] })),
  { idColumn: 'id', textColumns: ['title'], titleColumn: 'title' },
);
export const ratingsCsv = `user_id,item_id,rating\n${rows.map(({ user, item }, n) => `${user},${item},${1 + (n % 5)}`).join('\n')}\n`;
export const catalogueCsv = `id,title\n${itemIds.map((id, n) => `${id},${texts[n]}`).join('\n')}\n`;
export const interactions = Interactions.from(rows);
export const split = leaveOneOut(interactions, { seed: 1 });
export const runtime = await load();
export const { embeddings } = await lexicalEmbeddings(itemIds, texts, { dim: 8, minDocumentFrequency: 1 });
export const csr = interactionsToCsr(split.train);
export const factors: NodeTables = await initialize(split.train, embeddings, { dim: 8 });
export const model = modelFrom(split, factors, { itemTitles: catalogue, embeddings });
export const modelBytes = encodeModel(model);
export const recommender = new Recommender(model, runtime);
export const scorer = popularity(split.train);
/** A chat model that answers nothing of use, so that our own order stands. */
export const chat = toChat(async () => '{}', { id: 'nobody' });
const learned = modelFrom(split, factors, { itemTitles: catalogue, seen: split.train });
export const cases = rerankCases(new Recommender(learned, runtime), split, { users: 4, candidates: 5 });
