import { DataError } from '../errors.ts';
import { interactionsToCsr } from './csr.ts';
import { IdTable } from './idTable.ts';
import { Interactions } from './interactions.ts';
import type { Split } from './splits.ts';

/**
 * Puts a ready-made split, whose parts were read separately, on shared id tables: ids in order of first
 * appearance in train, then valid, then test.
 *
 * @param valid null for a split without validation data
 * @throws {DataError} if a user–item pair stands in two parts
 */
export function alignSplit(train: Interactions, valid: Interactions | null, test: Interactions): Split {
  const userTable = new IdTable();
  const itemTable = new IdTable();
  const none = new Interactions({ userTable, itemTable, users: new Int32Array(), items: new Int32Array() });
  const [newTrain, newValid, newTest] = [train, valid ?? none, test].map((part) => {
    const userOf = Int32Array.from(part.userIds, (id) => userTable.add(id));
    const itemOf = Int32Array.from(part.itemIds, (id) => itemTable.add(id));
    return { ...part, users: part.users.map((u) => userOf[u]), items: part.items.map((i) => itemOf[i]) };
  });
  // The tables are complete only now, after all three parts.
  const split = {
    train: new Interactions({ ...newTrain, userTable, itemTable }),
    valid: new Interactions({ ...newValid, userTable, itemTable }),
    test: new Interactions({ ...newTest, userTable, itemTable }),
  };
  checkSplit(split);
  return split;
}

/**
 * Makes sure that the parts of a split share their id tables and that no user–item pair stands in two of them.
 *
 * @throws {DataError} if they do not, naming the first such pair
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

/** @throws {DataError} unless the parts of a split share their id tables */
export function checkIdTables(split: Split): void {
  const parts = Object.entries({ train: split.train, valid: split.valid, test: split.test });
  for (const [name, part] of parts) {
    if (part.userIds !== split.train.userIds || part.itemIds !== split.train.itemIds) {
      const problem = `train and ${name} have id tables of their own`;
      throw new DataError('checkSplit', problem, 'Put them on shared tables with alignSplit');
    }
  }
}
