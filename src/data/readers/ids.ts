import { shown } from '../../errors.ts';
import type { IdTable } from '../idTable.ts';
import { type Cell, MISSING_VALUES, unwrapped } from './cells.ts';

/** Why a cell is no id. */
export interface IdProblem {
  /** the reason in few words, under which such lines are counted */
  readonly kind: string;
  readonly problem: string;
}

/** What was done to ids so that one thing in two spellings is one. */
export type Normalization = 'blanks' | 'composed' | 'quotes' | 'decimals';

/** How ids of one column are read. */
export interface IdRules {
  /** `user` or `item`, for messages */
  readonly role: string;
  /** spellings that stand for a missing id */
  readonly missing: ReadonlySet<string>;
  /** whether quotes around an id are no part of it, in a format that gives them no meaning */
  readonly stripsQuotes: boolean;
  /** whether all ids of the column are numbers with `.0`, as pandas writes integers beside missing ones */
  readonly hasDecimals: boolean;
}

export const MISSING_IDS: ReadonlySet<string> = new Set(MISSING_VALUES);

/** A number as Excel and programs write one whose digits do not fit: 9.14E+18 */
const LOST_DIGITS = /^[+-]?\d(\.\d+)?e\+\d{1,3}$|^[+-]?\d\.\d+e-\d{1,3}$/i;
/** Control characters but white space: they come of damaged files and of text in another encoding. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROL = /[\0-\x08\x0e-\x1f\x7f]/;
const DECIMAL_ID = /^-?\d+\.0+$/;

/** Reads the ids of one column into a table, and counts what it normalised. */
export class IdColumn {
  readonly rules: IdRules;
  readonly normalized = new NormalizationCounts();
  readonly #table: IdTable;
  /** spellings that are not plain, with the id; few, since most ids are written plainly */
  readonly #spellings = new Map<string, { index: number; done: readonly Normalization[] }>();

  constructor(table: IdTable, rules: IdRules) {
    this.#table = table;
    this.rules = rules;
  }

  /** The index of the id in the cell, which is added if it is new; otherwise why it is none. */
  read(cell: Cell): number | IdProblem {
    // A spelling that is in the table is plain, unless ids lose their `.0` on the way there.
    const plain = typeof cell === 'string' && !this.rules.hasDecimals ? this.#table.index(cell) : undefined;
    if (plain !== undefined) return plain;
    const known = typeof cell === 'string' ? this.#spellings.get(cell) : undefined;
    if (known) {
      this.normalized.add(known.done);
      return known.index;
    }
    const read = readId(cell, this.rules);
    if ('problem' in read) return read;
    const index = this.#table.add(read.id);
    this.normalized.add(read.done);
    if (read.done.length > 0 && typeof cell === 'string')
      this.#spellings.set(cell, { index, done: read.done });
    return index;
  }

  /** The index of an id that is written plainly, which is added if it is new; −1 for any other spelling. */
  plainIndex(text: string): number {
    const known = this.#table.index(text);
    if (known !== undefined) return known;
    const read = readId(text, this.rules);
    return 'problem' in read || read.done.length > 0 ? -1 : this.#table.add(read.id);
  }
}

const NORMALIZED: Readonly<Record<Normalization, string>> = {
  blanks: 'had blanks around them, which are no part of them',
  composed: 'were written with decomposed accents, and are read composed (NFC)',
  quotes: 'had quotes around them, which are no part of them',
  decimals: 'were written as decimal numbers (196.0), and are read as whole ones',
};

/** In how many rows an id was normalised, by what was done. */
export class NormalizationCounts {
  readonly #rows = new Map<Normalization, number>();

  add(done: readonly Normalization[]): void {
    for (const what of done) this.#rows.set(what, (this.#rows.get(what) ?? 0) + 1);
  }

  /** A sentence for each. */
  notes(role: string): string[] {
    return [...this.#rows].map(([what, rows]) => `${rows} ${role} ids ${NORMALIZED[what]}`);
  }
}

/** The id in a cell with what was done to its spelling; otherwise why it is none. */
export function readId(
  cell: Cell,
  rules: IdRules,
): { id: string; done: readonly Normalization[] } | IdProblem {
  const text = idText(cell, rules.role);
  if (typeof text !== 'string') return text;
  const read = normalizedId(text, rules);
  return idProblem(read.id, text, read.done, rules) ?? read;
}

function idProblem(
  id: string,
  text: string,
  done: readonly Normalization[],
  { role, missing, hasDecimals }: IdRules,
): IdProblem | null {
  if (id === '' || missing.has(id)) {
    const why = id === '' ? '' : ', which stands for a missing value';
    return {
      kind: `no ${role} id`,
      problem: `the ${role} id is ${shown(text)}${why}, expected a non-blank id`,
    };
  }
  const [control] = CONTROL.exec(id) ?? [];
  if (control !== undefined) {
    const code = control.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase();
    const problem = `the ${role} id is ${shown(id)}, which has the control character U+${code}`;
    return { kind: `${role} id with a control character`, problem };
  }
  if (LOST_DIGITS.test(id)) {
    const problem = `the ${role} id is ${shown(id)}, a number that has lost digits`;
    return { kind: `${role} id that lost digits`, problem };
  }
  if (hasDecimals && /^-?\d+$/.test(id) && !done.includes('decimals')) {
    const problem = `the ${role} id is ${shown(id)} among ids that are written like ${shown(`${id}.0`)}`;
    return { kind: `${role} id in another spelling`, problem };
  }
  return null;
}

/** The id without blanks and quotes around it, composed (NFC), and what of that was to be done. */
function normalizedId(
  text: string,
  rules: Pick<IdRules, 'stripsQuotes' | 'hasDecimals'>,
): { id: string; done: readonly Normalization[] } {
  const done: Normalization[] = [];
  let id = text.trim();
  if (id.length < text.length) done.push('blanks');
  if (rules.stripsQuotes && /^(".*"|'.*')$/s.test(id) && id.length > 2) {
    id = id.slice(1, -1).trim();
    done.push('quotes');
  }
  const composed = id.normalize('NFC');
  if (composed !== id) done.push('composed');
  if (rules.hasDecimals && DECIMAL_ID.test(composed)) {
    done.push('decimals');
    return { id: composed.slice(0, composed.indexOf('.')), done };
  }
  return { id: composed, done };
}

/** Whether a column's ids are all numbers with `.0`. */
export function areDecimalIds(sample: readonly Cell[], missing: ReadonlySet<string>): boolean {
  const present = sample.filter(
    (cell) => typeof cell === 'string' && cell.trim() !== '' && !missing.has(cell.trim()),
  );
  return present.length > 0 && present.every((cell) => DECIMAL_ID.test(String(cell).trim()));
}

/** An id as text; a whole number becomes its digits, `{"$oid": …}` what it holds. */
function idText(cell: Cell, role: string): string | IdProblem {
  const value = unwrapped(cell);
  if (typeof value === 'string') return value;
  if (Number.isSafeInteger(value) || typeof value === 'bigint') return String(value);
  if (value === undefined || value === null || Number.isNaN(value)) {
    const problem = `the ${role} id is ${String(value)}, expected a non-blank id`;
    return { kind: `no ${role} id`, problem };
  }
  const problem = `the ${role} id is ${shown(value)}, expected a string or an integer of at most 2^53`;
  return { kind: `${role} id of another type`, problem };
}
