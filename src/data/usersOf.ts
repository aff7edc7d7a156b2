import type { Interactions } from './interactions.ts';

/** The users who have an interaction, ascending. */
export function usersOf({ users, numUsers }: Interactions): Int32Array {
  const has = new Uint8Array(numUsers);
  for (const user of users) has[user] = 1;
  return Int32Array.from(has.keys()).filter((user) => has[user] === 1);
}
