import { DataError, shown } from '../errors.ts';
import type { ModelData } from '../serve.ts';
import { idsOf } from './args/idLists.ts';
import { printableLine } from './printable.ts';

/** @throws {DataError} for a user that a model with users does not have, with examples of those that it has */
export function checkKnownUser({ userIds }: ModelData, user: string): void {
  if (userIds.length === 0 || userIds.includes(user)) return;
  const problem = `expected one of the model's ${userIds.length} users, received ${shown(user)}`;
  throw new DataError(
    '--user',
    problem,
    `Its users are e.g. ${examples(userIds)}. For a new user pass --history`,
  );
}

/** The ids that the model knows; the others are named on stderr. @throws {DataError} for a history of none of them */
export async function knownIds(model: ModelData, flag: string, values: readonly string[]): Promise<string[]> {
  const known = new Set(model.itemIds);
  const ids = await idsOf(flag, values, (id) => known.has(id));
  const unknown = ids.filter((id) => !known.has(id));
  if (flag === '--history' && unknown.length === ids.length) {
    const problem = `expected at least one item of the model, received ${shown(ids[0])}, none that it knows`;
    throw new DataError(flag, problem, `Its items are e.g. ${examples(model.itemIds)}`);
  }
  noteUnknown(flag, unknown);
  return ids.filter((id) => known.has(id));
}

/** Says on stderr which ids are passed over. */
export function noteUnknown(flag: string, ids: readonly string[]): void {
  if (ids.length === 0) return;
  const first = ids.slice(0, 5).map(printableLine).join(', ');
  const more = ids.length > 5 ? ', …' : '';
  process.stderr.write(`${flag}: ${ids.length} not in the model, passed over (${first}${more})\n`);
}

function examples(ids: readonly string[]): string {
  return ids.slice(0, 3).map(printableLine).join(', ');
}
