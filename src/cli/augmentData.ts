import type { AugmentItem } from '../chat/augment/attributes.ts';
import type { EdgePerson } from '../chat/augment/people.ts';
import {
  type Catalogue,
  interactionsToCsr,
  itemKnn,
  modelFrom,
  Recommender,
  type Runtime,
  type Split,
} from '../index.ts';
import { PURPOSE, Random } from '../runtime/random.ts';
import type { DataOptions } from './args/dataOptions.ts';
import type { CatalogueOptions } from './args/itemOptions.ts';
import { openCatalogue } from './catalogue.ts';
import { openDataset, openSplit, type Session } from './session.ts';

/** Whom and what a chat model is asked about. */
export interface AugmentData {
  readonly people: readonly EdgePerson[];
  readonly items: readonly AugmentItem[];
}

/**
 * People by their training interactions, with the first items of an item kNN over the same, and the items of the catalogue.
 * @param withCandidates whether candidates are needed
 * @throws as the readers
 */
export async function augmentData(
  data: DataOptions,
  { path, ...reading }: CatalogueOptions,
  draw: { readonly users?: number; readonly candidates: number; readonly seed: number },
  withCandidates: boolean,
  session: Session,
): Promise<AugmentData> {
  const dataset = await openDataset(data, session);
  const { catalogue } = await openCatalogue(path!, reading, session.signal);
  const { split } = await openSplit(dataset, draw.seed, session, 'needed');
  const { texts } = catalogue.aligned(dataset.itemIds);
  const items = dataset.itemIds.map((id, n) => ({ id, text: texts[n] }));
  return {
    items,
    people: await peopleOf(split, catalogue, { ...draw, ...(!withCandidates && { candidates: 0 }) }, session),
  };
}

/**
 * People by their training interactions, the oldest first, with the first items of an item kNN over the same.
 * @param draw how many people, all by default, and how many candidates, 0 for none
 */
export async function peopleOf(
  split: Split,
  titles: Catalogue,
  draw: { readonly users?: number; readonly candidates: number; readonly seed: number },
  { runtime, signal }: { readonly runtime: Runtime; readonly signal?: AbortSignal },
): Promise<EdgePerson[]> {
  const scorer = await itemKnn(split.train, { signal });
  const recommender = new Recommender(
    modelFrom(split, scorer, { seen: split.train, itemTitles: titles }),
    runtime,
  );
  try {
    return peopleWith(recommender, split, draw);
  } finally {
    recommender.close();
  }
}

function peopleWith(
  recommender: Recommender,
  { train }: Split,
  { users = train.numUsers, candidates, seed }: { users?: number; candidates: number; seed: number },
): EdgePerson[] {
  const { userIds, itemIds, timestamps, items, numUsers } = train;
  const { rowPtr } = interactionsToCsr(train);
  const drawn = new Random(seed, PURPOSE.sample).shuffle(
    Int32Array.from({ length: numUsers }, (_, user) => user),
  );
  const places = Array.from(train.users.keys());
  if (timestamps) places.sort((a, b) => timestamps[a] - timestamps[b] || a - b);
  const histories = new Map<number, string[]>();
  for (const n of places) {
    const own = histories.get(train.users[n]);
    if (own) own.push(itemIds[items[n]]);
    else histories.set(train.users[n], [itemIds[items[n]]]);
  }
  return Array.from(
    drawn
      .filter((user) => rowPtr[user] < rowPtr[user + 1])
      .subarray(0, users)
      .sort(),
    (user) => ({
      id: userIds[user],
      history: recommender.likedItems({ history: histories.get(user)! }),
      candidates: candidates > 0 ? recommender.recommend(userIds[user], { k: candidates }) : [],
    }),
  );
}
