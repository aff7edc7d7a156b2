/** A spelling of a date, and how the forms of `times.ts` write it. */
type Spelling = readonly [pattern: RegExp, rewritten: string | ((match: RegExpExecArray) => string)];

const MOST_CHARACTERS = 100;
const DAY = 86_400_000;

/** What stands around or within dates, taken off one after the other. */
const TRIMMED: readonly Spelling[] = [
  [/^(['"[(])(.*)['"\])]$/, '$2'],
  // 2024-01-12T10:15+01:00[Europe/Berlin]; Fri Jan 12 2024 10:15:00 GMT+0100 (CET)
  [/\s*(\[[\w/+-]+\]|\([^()]*\))$/, ''],
  [/\b(GMT|UTC)([+-]\d)/, '$2'],
  [/\s(at|um|a las|à)\s/i, ' '],
  [/^(\d{1,2}) de ([\p{L}]+) (?:de |del )?(\d{4})/iu, '$1 $2 $3'],
  // 13. März 2011, 1er mars 2011
  [/^(\d{1,2})(?:\.|er|º|ª)\s?(\p{L})/u, '$1 $2'],
  // 2024年1月12日, 2024년 1월 12일
  [/^(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]/, '$1-$2-$3'],
  // Hours alone: 2014-12-06 02
  [/^(\d{4}-\d{1,2}-\d{1,2})[ T](\d{1,2})$/, '$1 $2:00'],
  // The logs of Apache: 12/Jan/2024:10:15:00
  [/^(\d{1,2})[/-](\p{L}{3,4})[/-](\d{4}):(\d{2}:\d{2})/u, '$1-$2-$3 $4'],
  [/^(\d{4})[-/ ](\p{L}{3,9})[-/ ](\d{1,2})(?!\d)/u, '$3-$2-$1'],
  // Oracle: 12-JAN-24 10.15.00.000000 AM
  [/^(\S+) (\d{1,2})\.(\d{2})\.(\d{2})(?=[. ]|$)/, '$1 $2:$3:$4'],
  // SQL Server: 10:15:00:123
  [/(\d:\d{2}:\d{2}):(\d{1,9})$/, '$1.$2'],
  [/^(\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?: ?[ap]m)?),? (\S.*)$/i, '$2 $1'],
  [/^(\p{L}{3,9}\.? \d{1,2},? \d{4})(?= \d)/u, '$1'],
];

/** Points in time that are longer than a day, by their beginning. */
const REDUCED: readonly Spelling[] = [
  [
    /^(\d{4})-?W(\d{2})(?:-?([1-7]))?$/,
    (match) => weekDate(Number(match[1]), Number(match[2]), Number(match[3] ?? '1')),
  ],
  [/^(\d{4})-(\d{3})$/, (match) => ordinalDate(Number(match[1]), Number(match[2]))],
  [/^(\d{4})[-/.](\d{1,2})$/, '$1-$2-1'],
  [/^(\p{L}{3,9})\.?,? (\d{4})$/u, '1 $1 $2'],
];

/**
 * A date in another spelling as one that `dateTime` knows: with words and brackets around it, of JavaScript, .NET, Apache,
 * Oracle and SQL Server, in Chinese, Japanese and Korean, with the time in front; null if nothing was rewritten.
 *
 * @param takesReduced whether ISO weeks (2024-W05-3), days of a year (2024-012) and months (2024-01) are dates, too
 */
export function rewrittenDate(text: string, takesReduced: boolean): string | null {
  if (text.length > MOST_CHARACTERS) return null;
  let plain = text.trim().normalize('NFC');
  for (const spelling of TRIMMED) plain = rewritten(plain, spelling);
  if (takesReduced) for (const spelling of REDUCED) plain = rewritten(plain, spelling);
  return plain === text.trim() ? null : plain.trim();
}

/** Milliseconds in .NET's `/Date(1705054500000+0100)/`, which counts from 1970 in UTC whatever the zone; null for others. */
export function dotNetMilliseconds(text: string): number | null {
  const match =
    text.length > MOST_CHARACTERS ? null : /^\\?\/Date\((-?\d{1,16})([+-]\d{4})?\)\\?\/$/.exec(text.trim());
  return match && Number(match[1]);
}

function rewritten(text: string, [pattern, form]: Spelling): string {
  const match = pattern.exec(text);
  if (!match) return text;
  return typeof form === 'string' ? text.replace(pattern, form) : form(match);
}

/** A day of an ISO week, which begins on Monday; the first week of a year is the one with January 4th. */
function weekDate(year: number, week: number, day: number): string {
  const fourth = Date.UTC(year, 0, 4);
  const monday = fourth - DAY * ((new Date(fourth).getUTCDay() + 6) % 7);
  const isThere = week >= 1 && (week < 53 || (week === 53 && hasWeek53(year)));
  return isThere ? isoDate(monday + DAY * (7 * (week - 1) + day - 1)) : '';
}

/** Whether a year has 53 weeks: it begins or ends on a Thursday. */
function hasWeek53(year: number): boolean {
  const isThursday = (month: number, day: number) => new Date(Date.UTC(year, month, day)).getUTCDay() === 4;
  return isThursday(0, 1) || isThursday(11, 31);
}

function ordinalDate(year: number, day: number): string {
  const time = Date.UTC(year, 0, day);
  return day >= 1 && new Date(time).getUTCFullYear() === year ? isoDate(time) : '';
}

function isoDate(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}
