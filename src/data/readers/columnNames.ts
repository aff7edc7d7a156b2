import type { FeedbackKind } from '../feedback.ts';
import { type ColumnRole, FEEDBACK_WORDS, ID_WORDS, NAME_WORDS, ROLE_WORDS } from './columnWords.ts';

export type { ColumnRole } from './columnWords.ts';

/** A name without case, spaces, marks and accents: `Book-Rating` and `book_rating` are `bookrating`. */
export function plainName(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/ı/g, 'i')
    .replace(/ł/g, 'l')
    .replace(/[^\p{L}\p{N}]/gu, '');
}

const words = (list = ''): string[] => (list === '' ? [] : list.split(' ').map(plainName));

/** The names of a role, and how many of them, from the front, are sure. */
interface Names {
  readonly list: readonly string[];
  readonly sure: number;
}

/**
 * The names of a role: those that stand for themselves; then each noun with each word for an identifier; then nouns
 * alone; then people's nouns with words for names; and last, less sure, the same of the last nouns.
 */
function namesOf(role: ColumnRole): Names {
  const { names, nouns, idNouns, named, lastNames, lastNouns, lastIdNouns } = ROLE_WORDS[role];
  if (role === 'rating') {
    const list = Object.values(FEEDBACK_WORDS).flatMap(words);
    return { list, sure: list.length };
  }
  if (role === 'title') {
    const sure = [...words(names), ...words(nouns).flatMap((noun) => [`${noun}title`, `${noun}name`])];
    return { list: [...sure, ...words(lastNames)], sure: sure.length };
  }
  const withId = (noun: string) => [...words(ID_WORDS).map((word) => noun + word), `id${noun}`];
  const sure = [
    ...words(names),
    ...[...words(nouns), ...words(idNouns)].flatMap(withId),
    ...(role === 'id' ? ['id'] : []),
    ...words(nouns),
    ...words(named).flatMap((noun) => words(NAME_WORDS).map((word) => noun + word)),
  ];
  const last = [...words(lastNouns), ...words(lastIdNouns)].flatMap(withId);
  const list = [...sure, ...last, ...words(lastNouns), ...words(lastNames)];
  return { list, sure: sure.length };
}

const ROLES = Object.keys(ROLE_WORDS) as ColumnRole[];
const NAMES = new Map(ROLES.map((role) => [role, namesOf(role)])) as ReadonlyMap<ColumnRole, Names>;
/** The place of each name in its role's list. */
const RANKS = new Map(
  ROLES.map((role) => [
    role,
    new Map([...NAMES.get(role)!.list].reverse().map((name, n, { length }) => [name, length - 1 - n])),
  ]),
);

/** The place of a name in the list of the role; infinite if it is none of it. */
function rankOf(role: ColumnRole, name: string): number {
  return RANKS.get(role)!.get(name) ?? Number.POSITIVE_INFINITY;
}

/**
 * The column that bears a name of the role, the first in the role's list; −1 if none does. Of fields of nested objects,
 * `event.user.id`, the last names count where no column bears a name as a whole.
 */
export function namedFor(role: ColumnRole, columns: readonly string[]): number {
  const whole = leastRanked(columns.map((name) => rankOf(role, plainName(name))));
  if (whole !== -1 || !columns.some((name) => name.includes('.'))) return whole;
  return leastRanked(columns.map((name) => rankOfPath(role, name.split('.'))));
}

function leastRanked(ranks: readonly number[]): number {
  const least = ranks.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  return Number.isFinite(least) ? ranks.indexOf(least) : -1;
}

/** The best place of the last two names of a path, joined, and of the last one. */
function rankOfPath(role: ColumnRole, path: readonly string[]): number {
  const ends = [path.slice(-2).join(''), path.at(-1)!];
  return Math.min(...ends.map((name) => rankOf(role, plainName(name))));
}

/** Whether a cell could be the name of a column of this role. */
export function isNameOf(role: ColumnRole, cell: string): boolean {
  return Number.isFinite(rankOf(role, plainName(cell)));
}

/** Whether a name is one that is taken for want of a better: an order, a session or a basket for a user. */
export function isLastResort(role: ColumnRole, name: string): boolean {
  const rank = Math.min(rankOf(role, plainName(name)), rankOfPath(role, name.split('.')));
  return Number.isFinite(rank) && rank >= NAMES.get(role)!.sure;
}

const KINDS = new Map(
  (Object.keys(FEEDBACK_WORDS) as (keyof typeof FEEDBACK_WORDS)[]).flatMap((kind) =>
    words(FEEDBACK_WORDS[kind]).map((name): [string, FeedbackKind] => [name, kind]),
  ),
);

/** What the numbers of a column mean by its name; null where that does not tell. */
export function kindByName(name: string): FeedbackKind | null {
  return KINDS.get(plainName(name)) ?? KINDS.get(plainName(name.split('.').at(-1)!)) ?? null;
}
