import { DataError, shown } from '../../errors.ts';
import type { FeedbackKind } from '../feedback.ts';
import { type Cell, cellText, isMissing, unwrapped } from './cells.ts';
import { formOf, listedForm, plainSigns, saysUnrated } from './feedbackForms.ts';
import {
  contradicts,
  doubtfulPoint,
  type FeedbackForm,
  isBareForm,
  isPlainForm,
  withLateComma,
} from './numberForms.ts';
import type { Note } from './report.ts';

/** Beyond this share of unreadable values a column is not what its name promises. */
const MOST_UNREADABLE = 0.1;
/** … where each of them makes a bad line, which is reported for itself */
const MOST_UNREADABLE_LINES = 0.5;
const FEW_LINES = 5;
/** No feedback is longer, and looking for its form takes long on long texts. */
const MOST_LETTERS = 400;
const SHOWN_VALUES = 5;
const COUNTED_VALUES = 100;

/** What is known of a column of feedback beside its cells. */
export interface FeedbackColumnOptions {
  /** the file, for messages */
  readonly file: string;
  /** the column as a reader of the file would call it */
  readonly title: string;
  readonly decimalComma: boolean;
  /** whether a value that cannot be read makes a bad line */
  readonly isNeeded: boolean;
  /** values that are liked, where the caller names them */
  readonly liked?: readonly string[];
}

/**
 * Reads the cells of a column of feedback, all in one form, which the beginning of the column tells.
 */
export class FeedbackColumn {
  readonly #options: FeedbackColumnOptions;
  #form: FeedbackForm | null;
  #read = 0;
  #unread = 0;
  #missing = 0;
  #firstComma: string | null = null;
  /** a number that may be meant as thousands */
  readonly #doubtful: string | null;
  /** how often each value stands that is no number of the form */
  readonly #unreadable = new Map<string, number>();

  /** @throws {DataError} as `assertReadable`, of the sample */
  constructor(sample: readonly Cell[], options: FeedbackColumnOptions) {
    this.#options = options;
    const texts = textsOf(sample);
    this.#form = options.liked ? listedForm(options.liked) : null;
    if (this.#form === null && texts.length > 0) this.#form = formOf(texts, options.decimalComma);
    this.#doubtful = this.isPlain ? doubtfulPoint(texts) : null;
    for (const cell of sample) this.read(cell);
    this.assertReadable();
    this.#missing = 0;
    this.#read = 0;
    this.#unread = 0;
    this.#unreadable.clear();
  }

  /** Whether its cells are numbers as a program writes them. */
  get isPlain(): boolean {
    return this.#form === null || isPlainForm(this.#form);
  }

  /** Whether a sign or a unit stands beside the numbers, as in "99 %". */
  get hasUnit(): boolean {
    return this.#form !== null && !isBareForm(this.#form);
  }

  /** What the numbers mean, where the form tells. */
  get kind(): FeedbackKind | null {
    return this.#form?.kind ?? null;
  }

  /** How the values are read, in words; '' for plain numbers. */
  get description(): string {
    return this.#form?.description ?? '';
  }

  /** The number of a cell: null if there is no value, NaN if it cannot be read. */
  read(cell: Cell): number | null {
    if (isMissing(cell)) {
      this.#missing++;
      return null;
    }
    if (typeof cell === 'number' && Number.isFinite(Math.fround(cell)) && this.isPlain) {
      this.#read++;
      return cell;
    }
    const text = textOf(cell);
    this.#form ??= formOf([text], this.#options.decimalComma);
    const value = this.#value(text, this.#form);
    if (value === null) {
      this.#missing++;
      return null;
    }
    if (Number.isFinite(Math.fround(value))) {
      this.#read++;
      return value;
    }
    this.#unread++;
    if (this.#unreadable.size < COUNTED_VALUES || this.#unreadable.has(text))
      this.#unreadable.set(text, (this.#unreadable.get(text) ?? 0) + 1);
    return Number.NaN;
  }

  /** What is worth knowing about the values that were read. */
  notes(kind: FeedbackKind | null): Note[] {
    const { title, isNeeded } = this.#options;
    const notes: Note[] = [];
    if (this.#doubtful !== null)
      notes.push({ text: `"${this.#doubtful}" in ${title} is read with a decimal point`, option: 'decimal' });
    const isLabel = kind === 'label' || this.kind === 'label';
    if (this.#missing > 0 && !isNeeded)
      notes.push({
        text: `${this.#missing} rows have no value in ${title} and count as ${isLabel ? 'met, not as liked' : 'liked'}`,
      });
    return notes;
  }

  /** Counts numbers that were read another way. */
  counted(rows: number): void {
    this.#read += rows;
  }

  /**
   * @throws {DataError} if more than a tenth of the values so far cannot be read, naming them; where each of them makes
   *   a bad line, if more than half cannot
   */
  assertReadable(): void {
    const { file, title, isNeeded } = this.#options;
    const present = this.#read + this.#unread;
    const most = isNeeded ? MOST_UNREADABLE_LINES : MOST_UNREADABLE;
    if (this.#unread <= most * present || (isNeeded && present < FEW_LINES)) return;
    const found = [...this.#unreadable].sort((a, b) => b[1] - a[1]);
    const values = found.slice(0, SHOWN_VALUES).map(([value, count]) => `${shown(value)} (${count})`);
    const more = found.length > SHOWN_VALUES ? ' …' : '';
    const form = this.description === '' ? 'numbers' : `feedback ${this.description}`;
    throw new DataError(
      file,
      `expected ${form} in the column ${title}, received ${values.join(', ')}${more}; ${this.#unread} of ${present} values cannot be read`,
      'Name the values that are liked (liked), or read no feedback (ratingColumn: null; in the CLI --rating-column none)',
      'liked',
    );
  }

  #value(text: string, form: FeedbackForm): number | null {
    const value = form.read(text);
    if (text.includes(',')) {
      if (contradicts(form, text)) throw this.#twoCommas(text);
      if (!Number.isNaN(value)) this.#firstComma ??= text;
    }
    if (!Number.isNaN(value)) return value;
    if (saysUnrated(text)) return null;
    if (!isPlainForm(form) || !text.includes(',')) return value;
    const late = withLateComma(text, this.#options.decimalComma);
    if (late === null) return value;
    this.#form = late;
    this.#firstComma = text;
    return late.read(text);
  }

  #twoCommas(text: string): DataError {
    const { file, title } = this.#options;
    const before = this.#firstComma === null ? '' : ` after ${shown(this.#firstComma)}`;
    const problem = `expected one meaning of the comma in the column ${title}, received ${shown(text)}${before}`;
    return new DataError(
      file,
      problem,
      'Write the numbers one way, or say which mark is the decimal one',
      'decimal',
    );
  }
}

function textOf(cell: Cell): string {
  const value = unwrapped(cell);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  return plainSigns(cellText(value).trim().slice(0, MOST_LETTERS));
}

function textsOf(cells: readonly Cell[]): string[] {
  return cells.filter((cell) => !isMissing(cell)).map(textOf);
}

/**
 * The numbers of a sample of a column without a name; null unless all its values are in one form that may be feedback.
 */
export function feedbackNumbers(sample: readonly Cell[], decimalComma: boolean): number[] | null {
  const texts = textsOf(sample);
  if (texts.length === 0) return null;
  const form = formOf(texts, decimalComma);
  const numbers = texts.map((text) => form.read(text));
  return form.tells && !numbers.some(Number.isNaN) ? numbers : null;
}
