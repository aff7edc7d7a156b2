import type { FeedbackKind } from '../feedback.ts';
import { numberOfText } from './cells.ts';

/** A way in which people write feedback, and the numbers it stands for. */
export interface FeedbackForm {
  /** What the numbers mean where the name of the column does not tell; null: whatever that says. */
  readonly kind: FeedbackKind | null;
  /** The number of a text without blanks at its ends; NaN for one that is not of this form. */
  read(text: string): number;
  /** Whether texts of this form may be feedback in a column without a name; grades and units may be anything. */
  readonly tells: boolean;
  /** How the form reads, for the line that says what a column was taken for; '' for plain numbers. */
  readonly description: string;
}

const THOUSANDS = /^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/;
const SURE_THOUSANDS = /^[+-]?\d{1,3}((,\d{3}){2,}|(,\d{3})+\.\d+)$/;
const DECIMAL_COMMA = /^[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?$/;
/** `1.234`, which may be thousands, and `1.234.567`, which is. */
const POINT_GROUPS = /^[+-]?\d{1,3}(\.\d{3})+$/;
const SURE_POINT_GROUPS = /^[+-]?\d{1,3}(\.\d{3}){2,}$/;

/** A number with a point or a comma before its decimals. */
export function numberOf(text: string): number {
  return numberOfText(text.replace(',', '.'));
}

const PLAIN: FeedbackForm = { kind: null, tells: true, description: '', read: (text) => numberOfText(text) };

/** A number without apostrophes and blanks between thousands: `1'234`, `1 234`. */
function withoutGroups(text: string): string {
  return /^[+-]?\d{1,3}(['’ \u00A0\u202F]\d{3})+([.,]\d+)?$/.test(text)
    ? text.replace(/['’ \u00A0\u202F]/g, '')
    : text;
}

const DECIMALS: FeedbackForm = {
  kind: null,
  tells: true,
  description: 'with a decimal comma ("2,5" is 2.5)',
  read: (written) => {
    const text = withoutGroups(written);
    return DECIMAL_COMMA.test(text) ? Number(text.replaceAll('.', '').replace(',', '.')) : numberOfText(text);
  },
};

const GROUPS: FeedbackForm = {
  kind: null,
  tells: true,
  description: 'with a mark between thousands ("2,234" is 2234)',
  read: (text) => numberOfText(THOUSANDS.test(text) ? text.replaceAll(',', '') : withoutGroups(text)),
};

/** Numbers such as `1.2k`. */
export const SHORTENED: FeedbackForm = {
  kind: null,
  tells: false,
  description: 'with k and M for thousands and millions',
  read: (text) => {
    const found = /^(.*\d)\s*([kKmM])$/.exec(text);
    if (!found) return numberOfText(text);
    return numberOf(found[1]) * (found[2].toLowerCase() === 'k' ? 1000 : 1e6);
  },
};

/** Durations such as `1:20:05`. */
export const CLOCK: FeedbackForm = {
  kind: 'count',
  tells: false,
  description: 'in hours, minutes and seconds, counted in seconds',
  read: (text) => {
    const found = /^(\d+):([0-5]\d):([0-5]\d)$/.exec(text);
    return found ? 3600 * Number(found[1]) + 60 * Number(found[2]) + Number(found[3]) : Number.NaN;
  },
};

/**
 * The forms of numbers that a sample may have. They have a decimal comma if `decimalComma` says so, or if one of them has
 * it for sure (`4,5`) and none has commas between thousands for sure (`1,234,567`); else their commas stand between
 * thousands.
 */
export function numberForms(sample: readonly string[], decimalComma: boolean): readonly FeedbackForm[] {
  const isDecimal = (text: string) =>
    text.includes(',')
      ? DECIMAL_COMMA.test(text) && (decimalComma || !THOUSANDS.test(text))
      : (decimalComma ? POINT_GROUPS : SURE_POINT_GROUPS).test(text);
  const areDecimals = sample.some(isDecimal) && !sample.some((text) => SURE_THOUSANDS.test(text));
  return areDecimals ? [DECIMALS] : [PLAIN, GROUPS];
}

/** A number of a plain column that others would write for thousands, `1.234`, if all with a point are such. */
export function doubtfulPoint(sample: readonly string[]): string | null {
  const pointed = sample.filter((text) => text.includes('.'));
  return pointed.length > 0 && pointed.every((text) => POINT_GROUPS.test(text)) ? pointed[0] : null;
}

/** Whether a form is that of plain numbers, which are read as bytes. */
export function isPlainForm(form: FeedbackForm): boolean {
  return form === PLAIN;
}

/** Whether a form is that of numbers with nothing beside them, whatever their points and commas mean. */
export function isBareForm(form: FeedbackForm): boolean {
  return form === PLAIN || form === GROUPS || form === DECIMALS;
}

/**
 * The form of a column of plain numbers in which a text with a comma comes later than the sample; null if it is not the
 * comma that makes the text none. Numbers with points keep what they were read as.
 */
export function withLateComma(text: string, decimalComma: boolean): FeedbackForm | null {
  const form = numberForms([text], decimalComma).find((one) => !Number.isNaN(one.read(text)));
  if (form === GROUPS) return form;
  if (form !== DECIMALS) return null;
  return { ...DECIMALS, read: (later) => (later.includes(',') ? DECIMALS : PLAIN).read(later) };
}

/** Whether a text has its comma for sure where the form of its column has none. */
export function contradicts(form: FeedbackForm, text: string): boolean {
  if (form === GROUPS) return DECIMAL_COMMA.test(text) && text.includes(',') && !THOUSANDS.test(text);
  return form.description === DECIMALS.description && SURE_THOUSANDS.test(text);
}
