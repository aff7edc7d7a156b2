import { DataError, OptionError, shown } from '../../errors.ts';

/**
 * What to do about a line that cannot be used: stop with an error, or leave it out and count it.
 *
 * @example
 * const onBadLine: OnBadLine = 'skip';
 * const { report } = await readInteractions('user,item\na,x\nb\n', { onBadLine });
 * report.badLineCount; // → 1
 */
export type OnBadLine = 'error' | 'skip';

/**
 * A line that was left out under `onBadLine: 'skip'`, or a cell that was not read, and why.
 *
 * @example
 * const { report } = await readInteractions('user,item\na,x\nb\n', { onBadLine: 'skip' });
 * const [bad]: readonly BadLine[] = report.badLines;
 * bad.line; // → 3
 */
export interface BadLine {
  /** 1-based; of a record that spans lines, the first */
  line: number;
  reason: string;
}

/**
 * Lines that were left out, or cells that were not read, for one reason.
 *
 * @example
 * const { report } = await readInteractions('user,item\na,x\nb\n', { onBadLine: 'skip' });
 * const losses: readonly Loss[] = report.dropped;
 * losses[0].count; // → 1
 */
export interface Loss {
  /** the reason in few words */
  readonly reason: string;
  count: number;
  /** the first three */
  readonly examples: BadLine[];
}

/**
 * Something worth knowing, with the option that changes it, if one does.
 *
 * @example
 * const { report } = await readInteractions(ratingsCsv);
 * const notes: readonly Note[] = report.notes;
 * for (const { text, option } of notes) console.log(text, option);
 */
export interface Note {
  readonly text: string;
  readonly option?: string;
}

/**
 * What a reader saw.
 *
 * @example
 * const report: ReadReport = (await readInteractions(ratingsCsv, { name: 'ratings.csv' })).report;
 * console.log(report.layout, report.lines, report.dropped);
 */
export interface ReadReport {
  /** the file's name */
  name: string;
  /** what the file was taken for, in one line; '' until it was looked at */
  layout: string;
  /** lines (of CSV: records) with data, bad ones included, header and empty lines not */
  lines: number;
  badLineCount: number;
  /** the first 20 of them */
  badLines: BadLine[];
  /** bad lines by reason */
  dropped: Loss[];
  /** cells that were not read, of columns that are not needed, by reason */
  unread: Loss[];
  /** what else is worth knowing: spellings that were normalised, numbers that say "not rated" … */
  notes: Note[];
}

const SHOWN_BAD_LINES = 20;
const EXAMPLES = 3;

/** What was seen in several files. */
export function together(reports: readonly ReadReport[]): ReadReport {
  if (reports.length === 1) return reports[0];
  const sum = (key: 'lines' | 'badLineCount') => reports.reduce((total, report) => total + report[key], 0);
  return {
    name: reports.map(({ name }) => name).join(', '),
    layout: reports.map(({ layout }) => layout).join('\n'),
    lines: sum('lines'),
    badLineCount: sum('badLineCount'),
    badLines: reports.flatMap(({ badLines }) => badLines).slice(0, SHOWN_BAD_LINES),
    dropped: reports.flatMap(({ dropped }) => dropped),
    unread: reports.flatMap(({ unread }) => unread),
    notes: reports.flatMap(({ notes }) => notes),
  };
}

/** Applies the policy for bad lines and counts lines. */
export class LineCounter {
  readonly name: string;
  readonly report: ReadReport = {
    ...{ name: '', layout: '', lines: 0, badLineCount: 0 },
    ...{ badLines: [], dropped: [], unread: [], notes: [] },
  };
  readonly #policy: OnBadLine;

  /** @throws {OptionError} for an unknown policy */
  constructor(name: string, policy: OnBadLine = 'error') {
    if (policy !== 'error' && policy !== 'skip') {
      const problem = `expected "error" or "skip", received ${shown(policy)}`;
      throw new OptionError('onBadLine', problem, 'Pass one of the two', 'onBadLine');
    }
    this.name = name;
    this.report.name = name;
    this.#policy = policy;
  }

  /**
   * @param kind the reason in few words, under which such lines are counted
   * @throws {DataError} naming the line, unless bad lines are to be skipped
   */
  bad(line: number, reason: string, kind: string): void {
    if (this.#policy === 'error') {
      const remedy = 'Correct the line, or skip such lines with onBadLine "skip"';
      throw new DataError(`${this.name}:${line}`, reason, remedy, 'onBadLine');
    }
    this.report.badLineCount++;
    if (this.report.badLines.length < SHOWN_BAD_LINES) this.report.badLines.push({ line, reason });
    addLoss(this.report.dropped, kind, { line, reason });
  }

  /** Counts a cell that was not read, of a column that is not needed. */
  unread(line: number, reason: string, kind: string): void {
    addLoss(this.report.unread, kind, { line, reason });
  }

  note(text: string, option?: string): void {
    this.report.notes.push(option === undefined ? { text } : { text, option });
  }

  /** @throws {DataError} if there was no line with data, or none that could be used */
  assertSomeGood(): void {
    const { lines, badLineCount, badLines } = this.report;
    if (lines === 0) {
      throw new DataError(
        this.name,
        'expected rows of data, received none',
        'Check that it is the right file',
      );
    }
    if (badLineCount === lines) {
      const problem = `none of ${lines} lines can be used; line ${badLines[0].line}: ${badLines[0].reason}`;
      throw new DataError(this.name, problem, 'Check the format and the columns');
    }
  }
}

function addLoss(losses: Loss[], reason: string, example: BadLine): void {
  let loss = losses.find((known) => known.reason === reason);
  if (!loss) {
    loss = { reason, count: 0, examples: [] };
    losses.push(loss);
  }
  loss.count++;
  if (loss.examples.length < EXAMPLES) loss.examples.push(example);
}
