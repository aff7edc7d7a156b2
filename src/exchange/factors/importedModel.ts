import { IdTable } from '../../data/idTable.ts';
import { Interactions } from '../../data/interactions.ts';
import type { Split } from '../../data/splits.ts';
import { DataError, ShapeError } from '../../errors.ts';
import type { ModelData } from '../../serve/modelFile/data.ts';
import { type ModelFromOptions, modelFrom } from '../../train/trainedModel.ts';
import type { Factors } from './matrix.ts';

/** Rows of items, and of users where there are any. */
export interface ImportedFactors {
  readonly items: Factors;
  readonly users: Factors | null;
}

/** A model, and what of the interactions is not in it. */
export interface ImportedModel {
  readonly model: ModelData;
  /** Users and items of the interactions that have no row, and the pairs that are left out with them. */
  readonly without: { readonly users: number; readonly items: number; readonly pairs: number };
}

/**
 * The model of rows that were trained elsewhere.
 *
 * @param interactions what users have, by id; users without a row are left out, but where there are no rows of users at all
 * @throws {ShapeError} for rows of users and items of different widths
 * @throws {DataError} when no pair of the interactions has both rows: the ids are others
 */
export function importedModel(
  { items, users }: ImportedFactors,
  interactions: Interactions | null,
  options: Omit<ModelFromOptions, 'seen'>,
): ImportedModel {
  if (users && users.dim !== items.dim) {
    const problem = `expected rows of users as wide as those of items, ${items.dim}, received ${users.dim}`;
    throw new ShapeError('import', problem, 'Bring rows of one training');
  }
  const userTable = IdTable.of(users?.ids ?? interactions?.userIds ?? []);
  const itemTable = IdTable.of(items.ids);
  const over = (set: Interactions) => overTables(set, userTable, itemTable);
  const train = interactions ? over(interactions) : null;
  if (interactions && interactions.length > 0 && train!.length === 0)
    refuseOthers(interactions, userTable, itemTable);
  const none = over(EMPTY);
  const split: Split = {
    ...{ train: train ?? none, valid: none, test: none },
    ...(interactions?.had && { had: over(interactions.had) }),
  };
  const tables = {
    users: users?.values ?? new Float32Array(userTable.size * items.dim),
    items: items.values,
    dim: items.dim,
  };
  const model = modelFrom(split, tables, options);
  const lacking = (ids: readonly string[], table: IdTable) =>
    ids.filter((id) => table.index(id) === undefined).length;
  return {
    model: { ...model, ...(users ? {} : { userFactors: null }), ...(interactions ? {} : { seen: null }) },
    without: {
      users: interactions ? lacking(interactions.userIds, userTable) : 0,
      items: interactions ? lacking(interactions.itemIds, itemTable) : 0,
      pairs: interactions ? interactions.length - train!.length : 0,
    },
  };
}

const EMPTY = new Interactions({
  userTable: IdTable.of([]),
  itemTable: IdTable.of([]),
  users: new Int32Array(0),
  items: new Int32Array(0),
});

/** The pairs whose user and item are in the tables, in their numbers. */
function overTables(set: Interactions, userTable: IdTable, itemTable: IdTable): Interactions {
  const number = (table: IdTable) => (id: string) => table.index(id) ?? -1;
  const [userOf, itemOf] = [set.userIds.map(number(userTable)), set.itemIds.map(number(itemTable))];
  const users = [];
  const items = [];
  for (let n = 0; n < set.length; n++) {
    const [user, item] = [userOf[set.users[n]], itemOf[set.items[n]]];
    if (user < 0 || item < 0) continue;
    users.push(user);
    items.push(item);
  }
  return new Interactions({
    userTable,
    itemTable,
    users: Int32Array.from(users),
    items: Int32Array.from(items),
  });
}

function refuseOthers(interactions: Interactions, userTable: IdTable, itemTable: IdTable): never {
  const known = interactions.itemIds.some((id) => itemTable.index(id) !== undefined);
  const [kind, table, ids] = known
    ? (['user', userTable, interactions.userIds] as const)
    : (['item', itemTable, interactions.itemIds] as const);
  const some = (list: readonly string[]) => list.slice(0, 3).join(', ');
  const problem = `expected interactions of the ${kind}s that have rows (${some(table.ids)} …), received those of others (${some(ids)} …)`;
  throw new DataError(
    'import',
    problem,
    'Bring the interactions, or the ids, that the rows were trained with',
  );
}
