import { DataError, OptionError, shown } from '../../errors.ts';
import type { EventCount } from '../events.ts';
import { type FeedbackKind, NO_RATING } from '../feedback.ts';
import type { Interactions } from '../interactions.ts';
import type { ReadInteractionsOptions } from './readInteractions.ts';
import type { ReadReport } from './report.ts';

/** What is told of interactions, wherever they are kept. */
type Counted = Pick<Interactions, 'length' | 'belowRating' | 'feedback'>;

/** @throws {OptionError} for liked values beside a threshold or without a column */
export function assertLiked({ liked, minRating, ratingColumn }: ReadInteractionsOptions): void {
  if (liked === undefined) return;
  if (liked.length === 0)
    throw new OptionError('liked', 'expected values, received none', "Pass e.g. ['good', 'great']", 'liked');
  const other = minRating !== undefined ? 'minRating' : ratingColumn === null ? 'ratingColumn null' : null;
  if (other === null) return;
  const problem = `expected no ${other} beside it, received both`;
  throw new OptionError('liked', problem, 'Leave one of them out', 'liked');
}

/** @throws {DataError} if nothing is liked, saying why */
export function assertSome(
  interactions: Counted,
  name: string,
  { minRating, liked, format }: ReadInteractionsOptions,
): void {
  if (interactions.length > 0) return;
  const { belowRating } = interactions;
  if (belowRating === 0) {
    const isNamed = format === 'lightgcn';
    const remedy = isNamed
      ? 'A line of lightgcn is a user and items with blanks between; name another format, or none to have it told by the file'
      : 'Check that it is the right file';
    throw new DataError(name, 'no line names an item', remedy, isNamed ? 'format' : undefined);
  }
  const events = interactions.feedback?.events;
  if (events && interactions.feedback?.kind === 'event') {
    const problem = `none of ${belowRating} pairs is liked; ${eventsInWords(events, 'event')}`;
    throw new DataError(
      name,
      problem,
      'Say which kinds are liked',
      minRating === undefined ? 'events' : 'minRating',
    );
  }
  if (liked !== undefined) {
    const problem = `none of ${belowRating} pairs is liked: no value is ${liked.map(shown).join(' or ')}`;
    throw new DataError(name, problem, 'Name values that are there', 'liked');
  }
  if (minRating === undefined) {
    const problem = `none of ${belowRating} pairs is liked: all their numbers are 0 or below`;
    throw new DataError(name, problem, 'Say what the numbers mean, or leave the column out', 'feedback');
  }
  const highest = interactions.feedback?.most;
  const problem = `all ${belowRating} ratings are below minRating ${minRating}, the highest is ${highest}`;
  throw new DataError(name, problem, 'Lower minRating', 'minRating');
}

/** Says what the numbers were taken for where that decides what is liked. */
export function noteFeedback(report: ReadReport, interactions: Counted, minRating: number | undefined): void {
  const { feedback, belowRating } = interactions;
  if (!feedback) return;
  const { kind, least, most, unrated, absent, events } = feedback;
  const note = (text: string, option: string) => report.notes.push({ text, option });
  if (events) note(eventsInWords(events, kind), kind === 'event' ? 'eventWeights' : 'eventColumn');
  if (absent > 0)
    note(
      `${absent} rows have ${NO_RATING}, which says "no rating" beside ratings up to ${most}, and are left out`,
      'feedback',
    );
  if (unrated > 0) {
    const taken = minRating === undefined ? 'count as liked' : 'count as met, not as liked';
    note(
      `${unrated} numbers of 0 or −1 beside ratings up to ${most} say "not rated" and ${taken}`,
      'feedback',
    );
  }
  if (minRating !== undefined) return;
  if (kind === 'rating' && most > least)
    note(
      `ratings of all heights, ${least}–${most}, count as liked; a threshold leaves out low ones`,
      'minRating',
    );
  if (kind === 'event' && belowRating > 0)
    note(`${belowRating} pairs without a liked event count as met`, 'events');
  if ((kind === 'count' || kind === 'label') && belowRating > 0)
    note(`${belowRating} pairs with a ${kind} of 0 or less do not count as liked`, 'feedback');
}

/** `events: view 20 (weight 1), buy 3 (weight 3); …`. */
function eventsInWords(events: readonly EventCount[], kind: FeedbackKind): string {
  const isWeighed = kind === 'event';
  const counts = events.map(
    ({ kind, rows, weight }) => `${kind} ${rows}${isWeighed ? ` (weight ${weight})` : ''}`,
  );
  const rule = isWeighed ? 'of a pair the strongest counts' : 'the numbers beside them count';
  return `events: ${counts.join(', ')}; ${rule}`;
}
