import { DataError } from '../errors.ts';
import { checkIsInteractions, checkIsSplit } from './argumentKinds.ts';
import { representatives } from './collapse.ts';
import { interactionsToCsr } from './csr.ts';
import { IdTable } from './idTable.ts';
import { Interactions } from './interactions.ts';
import { picked } from './positions.ts';
import type { Split } from './splits.ts';

/**
 * Puts a ready-made split, whose parts were read separately, on shared id tables: ids in order of first
 * appearance in train, then valid, then test. What the parts were read with beside the liked pairs is joined.
 *
 * @param valid null for a split without validation data
 * @throws {OptionError} for anything but interactions
 * @throws {DataError} if a user–item pair stands in two parts
 * @example
 * const train = Interactions.from([{ user: 'a', item: 'x' }, { user: 'b', item: 'y' }]);
 * const test = Interactions.from([{ user: 'a', item: 'y' }]);
 * const split = alignSplit(train, null, test);
 * split.test.numItems; // → 2
 */
export function alignSplit(train: Interactions, valid: Interactions | null, test: Interactions): Split {
  for (const part of valid === null ? [train, test] : [train, valid, test])
    checkIsInteractions(part, 'alignSplit');
  const userTable = new IdTable();
  const itemTable = new IdTable();
  const none = new Interactions({ userTable, itemTable, users: new Int32Array(), items: new Int32Array() });
  const [newTrain, newValid, newTest] = [train, valid ?? none, test].map((part) => {
    const userOf = Int32Array.from(part.userIds, (id) => userTable.add(id));
    const itemOf = Int32Array.from(part.itemIds, (id) => itemTable.add(id));
    const { ratings, timestamps, weights, feedback, duplicates, belowRating } = part;
    return {
      ...{ ratings, timestamps, weights, feedback, duplicates, belowRating },
      users: part.users.map((u) => userOf[u]),
      items: part.items.map((i) => itemOf[i]),
    };
  });
  // The tables are complete only now, after all three parts.
  const split = {
    train: new Interactions({ ...newTrain, userTable, itemTable }),
    valid: new Interactions({ ...newValid, userTable, itemTable }),
    test: new Interactions({ ...newTest, userTable, itemTable }),
  };
  checkSplit(split);
  return { ...split, ...metBeside([train, ...(valid ? [valid] : []), test], split) };
}

/** `had` and `disliked` of the parts together; a pair that one part likes is disliked in none. */
function metBeside(
  parts: readonly Interactions[],
  { train, valid, test }: Split,
): Pick<Split, 'had' | 'disliked'> {
  const liked = [train, valid, test];
  const had = parts.flatMap((part) => part.had ?? []);
  const disliked = parts.flatMap((part) => part.disliked ?? []);
  const together = (sets: readonly Interactions[]) => distinctPairs(sets, train.userTable, train.itemTable);
  return {
    ...(had.length > 0 && { had: together([...liked, ...had]) }),
    ...(disliked.length > 0 && { disliked: without(together([...liked, ...disliked]), liked) }),
  };
}

/** The pairs of all sets whose user and item are in the tables, each once. */
function distinctPairs(sets: readonly Interactions[], userTable: IdTable, itemTable: IdTable): Interactions {
  const users: number[] = [];
  const items: number[] = [];
  for (const set of sets) {
    const userOf = set.userIds.map((id) => userTable.index(id));
    const itemOf = set.itemIds.map((id) => itemTable.index(id));
    for (let n = 0; n < set.length; n++) {
      const user = userOf[set.users[n]];
      const item = itemOf[set.items[n]];
      if (user === undefined || item === undefined) continue;
      users.push(user);
      items.push(item);
    }
  }
  const rows = { users: Int32Array.from(users), items: Int32Array.from(items), values: null, times: null };
  const kept = representatives(rows, userTable.size, itemTable.size, 'first');
  const at = (column: Int32Array) => (kept ? picked(column, kept) : column);
  return new Interactions({ userTable, itemTable, users: at(rows.users), items: at(rows.items) });
}

/** The pairs after those of `liked`, which stand first. */
function without(pairs: Interactions, liked: readonly Interactions[]): Interactions {
  const first = liked.reduce((sum, { length }) => sum + length, 0);
  return pairs.subset(Int32Array.from({ length: pairs.length - first }, (_, n) => first + n));
}

/**
 * Makes sure that the parts of a split share their id tables and that no user–item pair stands in two of them.
 *
 * @throws {DataError} if they do not, naming the first such pair
 * @example
 * checkSplit(split); // → undefined
 */
export function checkSplit(split: Split): void {
  checkIdTables(split);
  const parts = Object.entries({ train: split.train, valid: split.valid, test: split.test });
  for (const [a, b] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ]) {
    const [firstName, first] = parts[a];
    const [secondName, second] = parts[b];
    const pair = sharedPair(first, second);
    if (pair) {
      const problem = `user ${pair.user} and item ${pair.item} stand in ${firstName} and in ${secondName}`;
      throw new DataError('checkSplit', problem, `Remove the pair from ${firstName} or ${secondName}`);
    }
  }
}

function sharedPair(first: Interactions, second: Interactions): { user: string; item: string } | null {
  const a = interactionsToCsr(first);
  const b = interactionsToCsr(second);
  for (let user = 0; user < a.rows; user++) {
    let n = a.rowPtr[user];
    let m = b.rowPtr[user];
    while (n < a.rowPtr[user + 1] && m < b.rowPtr[user + 1]) {
      if (a.colIdx[n] === b.colIdx[m]) {
        return { user: first.userIds[user], item: first.itemIds[a.colIdx[n]] };
      }
      if (a.colIdx[n] < b.colIdx[m]) n++;
      else m++;
    }
  }
  return null;
}

/**
 * @throws {OptionError} when it is no split
 * @throws {DataError} unless the parts of a split share their id tables
 */
export function checkIdTables(split: Split, where = 'checkSplit'): void {
  checkIsSplit(split, where);
  for (const name of ['valid', 'test'] as const) {
    const { userIds, itemIds } = split[name];
    if (userIds !== split.train.userIds || itemIds !== split.train.itemIds) {
      const problem = `train and ${name} have id tables of their own`;
      throw new DataError(where, problem, 'Put them on shared tables with alignSplit');
    }
  }
}
