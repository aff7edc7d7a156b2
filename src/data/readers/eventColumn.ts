import { isEventWord } from '../events.ts';
import { type Cell, cellText, isMissing, unwrapped } from './cells.ts';
import { plainName } from './columnNames.ts';

const NAMES = new Set(
  (
    'event eventtype eventname eventkind action actiontype activity activitytype interaction interactiontype behavior ' +
    'behaviour behaviortype behaviourtype feedbacktype useraction userbehavior type verb operation'
  ).split(' '),
);

/** Names that may be of the type of anything. */
const ANY_TYPES = new Set(['type', 'verb', 'operation']);

/** Codes of events in public datasets, by the name of their column. */
const CODES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // Tmall (IJCAI-15): user_id, item_id, …, action_type
  actiontype: { 0: 'click', 1: 'cart', 2: 'buy', 3: 'favourite' },
  // Tianchi Mobile Recommendation: user_id, item_id, behavior_type, …
  behaviortype: { 1: 'view', 2: 'favourite', 3: 'cart', 4: 'buy' },
};

/** More kinds than this are not taken for events unless the caller names the column. */
const MOST_KINDS = 50;

/** A column of events. */
export interface EventColumn {
  /** how codes are read, in words; '' for words */
  readonly description: string;
  /** The kind of event of a cell; null if there is none. */
  read(cell: Cell): string | null;
}

/** Whether columns of events bear such a name. */
export function isEventName(name: string): boolean {
  return NAMES.has(plainName(name));
}

/** The kinds of event in a sample; null where they are too many. */
export function kindsOf(sample: readonly Cell[]): string[] | null {
  const kinds = new Set(sample.filter((cell) => !isMissing(cell)).map(textOf));
  return kinds.size > 0 && kinds.size <= MOST_KINDS ? [...kinds] : null;
}

/** Whether the kinds of a sample are events: known codes under the name of the column, or enough of them known words. */
export function holdsEvents(name: string, sample: readonly Cell[]): boolean {
  const kinds = kindsOf(sample);
  if (kinds === null) return false;
  const least = ANY_TYPES.has(plainName(name)) ? kinds.length : kinds.length / 2;
  return codesOf(name, kinds) !== null || kinds.filter(isEventWord).length >= least;
}

/** Whether every value of a column without a name is a word for an event. */
export function holdsEventWords(sample: readonly Cell[]): boolean {
  return kindsOf(sample)?.every(isEventWord) ?? false;
}

/** Whether a number is written with decimals, as hours are and numbers of categories are not: `273.0`. */
export function hasDecimals(cell: Cell): boolean {
  return typeof cell === 'number' ? !Number.isInteger(cell) : /^\d+[.,]\d/.test(cellText(cell).slice(0, 40));
}

/** How the cells of a column of events are read. */
export function eventColumn(name: string, sample: readonly Cell[]): EventColumn {
  const codes = codesOf(name, kindsOf(sample) ?? []);
  const words = Object.entries(codes ?? {}).map(([code, kind]) => `${code} ${kind}`);
  const dataset = plainName(name) === 'actiontype' ? 'Tmall' : 'Tianchi';
  return {
    description: codes ? `in the codes of ${dataset} (${words.join(', ')})` : '',
    read(cell) {
      if (isMissing(cell)) return null;
      const text = textOf(cell);
      return codes?.[text] ?? text;
    },
  };
}

function codesOf(name: string, kinds: readonly string[]): Readonly<Record<string, string>> | null {
  const codes = CODES[plainName(name)];
  return codes && kinds.length > 0 && kinds.every((kind) => kind in codes) ? codes : null;
}

function textOf(cell: Cell): string {
  return cellText(unwrapped(cell)).trim();
}
