import type { FeedbackKind } from '../feedback.ts';
import {
  type ColumnRole,
  FEEDBACK_WORDS,
  ID_WORDS,
  NAME_WORDS,
  ROLE_WORDS,
  TIME_WORDS,
} from './columnWords.ts';

export type { ColumnRole } from './columnWords.ts';

/** A name without case, spaces, marks, accents and what stands in brackets: `Book-Rating (1–10)` is `bookrating`. */
export function plainName(name: string): string {
  return name
    .replace(/(?<=.)\([^()]*\)/g, '')
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
  const { names, nouns, idNouns, named, addresses, lastNames, lastNouns, lastIdNouns } = ROLE_WORDS[role];
  if (role === 'rating') {
    const list = Object.values(FEEDBACK_WORDS).flatMap(words);
    return { list, sure: list.length };
  }
  if (role === 'title') {
    const sure = [...words(names), ...words(nouns).flatMap((noun) => [`${noun}title`, `${noun}name`])];
    return { list: [...sure, ...words(lastNames)], sure: sure.length };
  }
  if (role === 'timestamp') {
    const beside = (occasion: string) =>
      words(TIME_WORDS).flatMap((time) => [occasion + time, time + occasion]);
    const list = [...words(names), ...words(ROLE_WORDS.timestamp.occasions).flatMap(beside)];
    return { list, sure: list.length };
  }
  const withId = (noun: string) => words(ID_WORDS).flatMap((word) => [noun + word, word + noun]);
  const sure = [
    ...words(names),
    ...[...words(nouns), ...words(idNouns)].flatMap(withId),
    ...(role === 'id' ? ['id'] : []),
    ...words(nouns),
    ...words(named).flatMap((noun) => words(NAME_WORDS).map((word) => noun + word)),
    ...words(addresses),
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
 * The columns that bear a name of the role, best first. Where none bears one as a whole, the ends of names count, of fields
 * of nested objects (`event.user.id`, `review/userId`) and of a single column (`click_article_id`).
 */
export function columnsFor(role: ColumnRole, columns: readonly string[]): number[] {
  const whole = ranked(columns.map((name) => rankOf(role, plainName(name))));
  const { sure } = NAMES.get(role)!;
  const isSure = whole.some((index) => rankOf(role, plainName(columns[index])) < sure);
  if (isSure || (whole.length > 0 && role === 'title')) return whole;
  // What is taken for want of a better gives way to the end of a longer name: "Order Number" to "Customer User ID".
  const surelyEnding = endingIn(role, columns, sure);
  if (surelyEnding.length > 0) return surelyEnding;
  return whole.length > 0 ? whole : endingIn(role, columns, Number.POSITIVE_INFINITY);
}

/** The columns whose names end in one of the first `most` of the role. */
function endingIn(role: ColumnRole, columns: readonly string[], most: number): number[] {
  const end = (name: string, fewest: 1 | 2) => {
    const rank = rankOfEnd(role, name, fewest);
    return rank < most ? rank : Number.POSITIVE_INFINITY;
  };
  const paths = ranked(columns.map((name) => (isPath(name) ? end(name, 1) : Number.POSITIVE_INFINITY)));
  if (paths.length > 0 || role === 'title' || role === 'rating' || role === 'image') return paths;
  const ends = ranked(columns.map((name) => end(name, 2)));
  return ends.length === 1 ? ends : [];
}

/** The first of `columnsFor`; −1 if there is none. */
export function namedFor(role: ColumnRole, columns: readonly string[]): number {
  return columnsFor(role, columns)[0] ?? -1;
}

/** The places of finite ranks, least first. */
function ranked(ranks: readonly number[]): number[] {
  return ranks.flatMap((rank, n) => (Number.isFinite(rank) ? [n] : [])).sort((a, b) => ranks[a] - ranks[b]);
}

function isPath(name: string): boolean {
  return name.includes('.') || name.includes('/');
}

/** The best place of the last two words of a name, joined, and with `fewest` 1 of the last one. */
function rankOfEnd(role: ColumnRole, name: string, fewest: 1 | 2): number {
  const path = name.split(/[^\p{L}\p{N}]+|(?<=\p{Ll})(?=\p{Lu})/u).filter((word) => word !== '');
  if (path.length < 2) return Number.POSITIVE_INFINITY;
  const two = rankOf(role, plainName(path.slice(-2).join('')));
  const last = name.slice(Math.max(name.lastIndexOf('.'), name.lastIndexOf('/')) + 1);
  return fewest === 2 ? two : Math.min(two, rankOf(role, plainName(last)));
}

/** Whether a cell could be the name of a column of this role. */
export function isNameOf(role: ColumnRole, cell: string): boolean {
  return Number.isFinite(rankOf(role, plainName(cell)));
}

/** Whether a name is one that is taken for want of a better: an order, a session or a basket for a user. */
export function isLastResort(role: ColumnRole, name: string): boolean {
  const rank = Math.min(rankOf(role, plainName(name)), rankOfEnd(role, name, 1));
  return Number.isFinite(rank) && rank >= NAMES.get(role)!.sure;
}

const KINDS = new Map(
  (Object.keys(FEEDBACK_WORDS) as (keyof typeof FEEDBACK_WORDS)[]).flatMap((kind) =>
    words(FEEDBACK_WORDS[kind]).map((name): [string, FeedbackKind] => [name, kind]),
  ),
);

/** What the numbers of a column mean by its name; null where that does not tell. */
export function kindByName(name: string): FeedbackKind | null {
  return KINDS.get(plainName(name)) ?? KINDS.get(plainName(name.split(/[./]/).at(-1)!)) ?? null;
}
