import {
  alignEmbeddings,
  type Embeddings,
  IdTable,
  modelFrom,
  Recommender,
  type Runtime,
  type Scorer,
  type Split,
  userMetrics,
} from '../../index.ts';
import type { NewItemsSplit } from './conditions.ts';
import type { MeasuredUser } from './perUser.ts';

/** Where rankings end: what is shown. */
const CUTOFF = 10;

/**
 * How a model ranks items that came after training, placed by their text vectors as `Recommender.addItems` does. A user's
 * relevant items are all new items that the user has. `recall@10` and `ndcg@10` rank the new items alone, `all-ndcg@10`
 * all items; `exposure@10` is the share of places that new items take in the latter, where their share of the catalogue
 * would be fair; `trained-ndcg@10` looks for the test items among all items and `before-ndcg@10` among the trained ones, so that
 * what new items cost is seen.
 */
export function measureNewItems(
  scorer: Scorer,
  { trained: split, newIds, relevant }: NewItemsSplit,
  embeddings: Embeddings,
  runtime: Runtime,
): { metrics: Record<string, number>; users: MeasuredUser[] } {
  const recommender = withItems(scorer, split, newIds, embeddings, runtime);
  const { train, test } = split;
  const index = IdTable.of([...train.itemIds, ...newIds]);
  const indices = (ids: readonly string[]) => Int32Array.from(ids, (id) => index.index(id)!);
  const testItems = new Map(Array.from(test.users, (user, n) => [user, train.itemIds[test.items[n]]]));
  const only = recommender.itemSet(newIds);
  const onlyTrained = recommender.itemSet(train.itemIds);
  /** recall@10 and ndcg@10; items of one score have no order. */
  const measured = (person: string, wanted: readonly string[], k: number, among?: typeof only) => {
    const shown = recommender.recommend(person, { k, only: among });
    const items = indices(shown.map(({ id }) => id));
    const scores = shown.map(({ score }) => score);
    const [recall, ndcg] = userMetrics(items, indices(wanted), [CUTOFF], { scores });
    return { recall, ndcg, places: items.subarray(0, CUTOFF) };
  };
  const users: MeasuredUser[] = [];
  const all: number[] = [];
  const ofTrained: number[] = [];
  const before: number[] = [];
  const places = { all: 0, new: 0 };
  for (const user of [...new Set(train.users)].sort((a, b) => a - b)) {
    const person = train.userIds[user];
    const testItem = testItems.get(user);
    const wanted = relevant.get(user);
    const among = measured(person, wanted ?? newIds, newIds.length, only);
    if (wanted) users.push({ user, recall: among.recall, ndcg: among.ndcg });
    const whole = measured(person, wanted ?? newIds, 2 * CUTOFF);
    if (wanted) all.push(whole.ndcg);
    if (testItem !== undefined) {
      ofTrained.push(measured(person, [testItem], 2 * CUTOFF).ndcg);
      before.push(measured(person, [testItem], 2 * CUTOFF, onlyTrained).ndcg);
    }
    places.all += whole.places.length;
    places.new += whole.places.filter((item) => item >= train.numItems).length;
  }
  return {
    metrics: {
      'recall@10': mean(users.map(({ recall }) => recall)),
      'ndcg@10': mean(users.map(({ ndcg }) => ndcg)),
      'all-ndcg@10': mean(all),
      'trained-ndcg@10': mean(ofTrained),
      'before-ndcg@10': mean(before),
      'exposure@10': places.new / places.all,
    },
    users,
  };
}

/** The model as it serves, with what everybody has but the test items, and with the new items in it. */
function withItems(
  scorer: Scorer,
  split: Split,
  newIds: readonly string[],
  embeddings: Embeddings,
  runtime: Runtime,
): Recommender {
  const known = { ...split, test: split.test.subset([]) };
  const recommender = new Recommender(modelFrom(known, scorer, { embeddings }), runtime);
  const { vectors } = alignEmbeddings(embeddings, newIds);
  const { width } = embeddings;
  recommender.addItems(newIds.map((id, n) => ({ id, vector: vectors.subarray(n * width, (n + 1) * width) })));
  return recommender;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
