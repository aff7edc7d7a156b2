import type { Command } from 'commander';
import { DUPLICATE_POLICIES, FEEDBACK_KINDS, FEEDBACK_WEIGHTS, OptionError, shown } from '../../index.ts';
import { decimal, listOf, oneOf, text } from './arguments.ts';
import { add } from './command.ts';

/** What counts as liked, and how much. */
export function addFeedbackOptions(command: Command): void {
  add(
    command,
    '--min-rating <number>',
    'liked from this number on; lower ones count as met',
    decimal('--min-rating'),
  );
  const kinds = oneOf('--feedback', FEEDBACK_KINDS);
  add(
    command,
    '--feedback <kind>',
    `what the numbers are: ${FEEDBACK_KINDS.join(' | ')} (default: told by them)`,
    kinds,
  );
  add(
    command,
    '--liked <list>',
    'values of the rating column that are liked, e.g. good,great; all others count as met',
    listOf('--liked', text('--liked')),
  );
  add(
    command,
    '--events <list>',
    'events that are liked, e.g. buy,cart; pairs with others only count as met (default: all above 0)',
    listOf('--events', text('--events')),
  );
  add(
    command,
    '--event-weights <list>',
    'e.g. buy=3,cart=2,view=1: above 0 liked, 0 met, below 0 disliked (default: by known words)',
    eventWeights,
  );
  const weights = oneOf('--feedback-weights', FEEDBACK_WEIGHTS);
  add(
    command,
    '--feedback-weights <how>',
    `${FEEDBACK_WEIGHTS.join(' | ')} (default: binary, all alike; of events linear)`,
    weights,
  );
  const policies = oneOf('--duplicates', DUPLICATE_POLICIES);
  add(
    command,
    '--duplicates <which>',
    `${DUPLICATE_POLICIES.join(' | ')} (default: last of ratings, sum of counts, strongest of events, else first)`,
    policies,
  );
}

/** `buy=3,cart=2` as `{ buy: 3, cart: 2 }`. */
function eventWeights(list: string): Record<string, number> {
  const weight = decimal('--event-weights', 'numbers as in buy=3,cart=2');
  const entries = list.split(',').map((part): [string, number] => {
    const at = part.lastIndexOf('=');
    return [part.slice(0, at).trim(), weight(at > 0 ? part.slice(at + 1).trim() : part)];
  });
  const kinds = new Set(entries.map(([kind]) => kind));
  if (kinds.size === entries.length) return Object.fromEntries(entries);
  throw new OptionError('--event-weights', `expected each kind once, received ${shown(list)}`, 'See --help');
}
