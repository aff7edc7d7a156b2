import { Embeddings, IdTable, Interactions, type Split } from '../../index.ts';
import { PURPOSE, Random } from '../../runtime/random.ts';

/**
 * What a study changes about the data, to see what follows from it. `strangers`: a tenth of the users is never trained on,
 * and is ranked for by a history. `new-items`: a tenth of the items is never trained on, and comes in by its text.
 * `shuffled`: every item has the vector of another, a control that must lose what texts give.
 */
export type Condition = 'strangers' | 'new-items' | 'shuffled';

/** Users or items are held out in so many parts, one a seed. */
const FOLDS = 10;

/** Of the parts, which are the same whatever the seed of a run, so that runs of other seeds hold out others. */
const FOLD_SEED = 2020;

/** Marks the tenth of `count` users or items that a seed holds out. */
export function heldOut(count: number, seed: number): Uint8Array {
  const order = new Random(FOLD_SEED, PURPOSE.split, 2).shuffle(
    Int32Array.from({ length: count }, (_, n) => n),
  );
  const marks = new Uint8Array(count);
  for (let n = seed % FOLDS; n < count; n += FOLDS) marks[order[n]] = 1;
  return marks;
}

/** A split without some users, and the same for those users alone. */
export interface StrangersSplit {
  /** Training and validation interactions of the others; the test interactions of the strangers. */
  readonly trained: Split;
  /** For ranking: the strangers' histories as training part, all but their test items. */
  readonly ranked: Split;
}

/** Leaves the users of a seed out of training. @param whole a leave-one-out split */
export function withStrangers({ train, valid, test }: Split, seed: number): StrangersSplit {
  const isStranger = heldOut(train.numUsers, seed);
  const of = (part: Interactions, marked: number) => kept(part, (n) => isStranger[part.users[n]] === marked);
  const [history, more] = [of(train, 1), of(valid, 1)];
  const joined = new Interactions({
    userTable: train.userTable,
    itemTable: train.itemTable,
    users: joinedColumn(history.users, more.users),
    items: joinedColumn(history.items, more.items),
  });
  const looked = of(test, 1);
  return {
    trained: { train: of(train, 0), valid: of(valid, 0), test: looked },
    ranked: { train: joined, valid: more.subset([]), test: looked },
  };
}

/** A split without some items, and who has them. */
export interface NewItemsSplit {
  /** Over the ids of the other items alone. */
  readonly trained: Split;
  /** Ids of the items that are left out. */
  readonly newIds: readonly string[];
  /** By the index of a user in the whole split: the new items that the user has, in any part. */
  readonly relevant: ReadonlyMap<number, readonly string[]>;
}

/** Leaves the items of a seed out of training. @param whole a leave-one-out split */
export function withNewItems(whole: Split, seed: number): NewItemsSplit {
  const { itemIds } = whole.train;
  const isNew = heldOut(itemIds.length, seed);
  const warm = itemIds.filter((_, item) => isNew[item] === 0);
  const indexOf = new Map(warm.map((id, n) => [id, n]));
  const itemTable = IdTable.of(warm);
  const without = (part: Interactions) => {
    const left = kept(part, (n) => isNew[part.items[n]] === 0);
    const { userTable, users, ratings, timestamps, weights } = left;
    const items = left.items.map((item) => indexOf.get(itemIds[item])!);
    return new Interactions({ userTable, itemTable, users, items, ratings, timestamps, weights });
  };
  const relevant = new Map<number, string[]>();
  for (const { users, items } of [whole.train, whole.valid, whole.test]) {
    for (const [n, item] of items.entries()) {
      if (isNew[item] === 1) relevant.set(users[n], [...(relevant.get(users[n]) ?? []), itemIds[item]]);
    }
  }
  return {
    trained: { train: without(whole.train), valid: without(whole.valid), test: without(whole.test) },
    newIds: itemIds.filter((_, item) => isNew[item] === 1),
    relevant,
  };
}

/** The same vectors, each under the id of another item. */
export function shuffledVectors({ ids, width, vectors, source }: Embeddings, seed: number): Embeddings {
  const order = new Random(seed, PURPOSE.split, 3).shuffle(Int32Array.from(ids.keys()));
  return new Embeddings({
    ids: Array.from(order, (n) => ids[n]),
    ...{ width, vectors, source: `${source}, shuffled` },
  });
}

function kept(part: Interactions, stays: (n: number) => boolean): Interactions {
  return part.subset(Int32Array.from(part.users.keys()).filter(stays));
}

function joinedColumn(first: Int32Array, second: Int32Array): Int32Array {
  const joined = new Int32Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
