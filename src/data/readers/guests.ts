import type { Interactions } from '../interactions.ts';
import type { ReadReport } from './report.ts';

/** How shops write a buyer that they do not know. */
const WORDS =
  /^(guests?|gast|walk[- ]?in( customer)?|anonymous|anon|unknown|unregistered|not[ _-]?set|\(not set\)|default|cash( customer)?|laufkunde|invité|invitado)$/i;
/** Ids that may be such a buyer, or a person like others. */
const NUMBERS = /^(0+|-1|9{4,})$/;
/** How many times as much as others somebody has who is several people. */
const TIMES = { word: 2, number: 5 };
const FEWEST = 10;

/**
 * Notes a user who is likely to stand for all buyers that a shop does not know: by a word for them, or by 0, −1 or 9999
 * with far more items than others have.
 */
export function noteGuests(report: ReadReport, interactions: Interactions): void {
  const { users, userIds, numUsers } = interactions.had ?? interactions;
  const mean = users.length / numUsers;
  const suspects = userIds.flatMap((id, user) => (WORDS.test(id) || NUMBERS.test(id) ? [user] : []));
  for (const user of suspects.slice(0, 10)) {
    let count = 0;
    for (const other of users) if (other === user) count++;
    const times = WORDS.test(userIds[user]) ? TIMES.word : TIMES.number;
    if (count < FEWEST || count < times * mean) continue;
    const text = `the user ${JSON.stringify(userIds[user])} has ${count} items, against a mean of ${mean.toFixed(1)}; if that is no one person, name it as a missing value`;
    report.notes.push({ text, option: 'missingValues' });
  }
}
