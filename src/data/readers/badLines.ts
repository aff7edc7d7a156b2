import { DataError, OptionError, shown } from '../../errors.ts';

/** What to do about a line that cannot be used: stop with an error, or leave it out and count it. */
export type OnBadLine = 'error' | 'skip';

/** A line that was left out under `onBadLine: 'skip'`, and why. */
export interface BadLine {
  /** 1-based; of a CSV record that spans lines, the first */
  line: number;
  reason: string;
}

/** What a reader saw. */
export interface ReadReport {
  /** lines (of CSV: records) with data, bad ones included, header and empty lines not */
  lines: number;
  badLineCount: number;
  /** the first 20 of them */
  badLines: BadLine[];
}

const SHOWN_BAD_LINES = 20;

/** Applies the policy for bad lines and counts lines. */
export class LineCounter {
  readonly name: string;
  readonly report: ReadReport = { lines: 0, badLineCount: 0, badLines: [] };
  readonly #policy: OnBadLine;

  /** @throws {OptionError} for an unknown policy */
  constructor(name: string, policy: OnBadLine = 'error') {
    if (policy !== 'error' && policy !== 'skip') {
      throw new OptionError(
        'onBadLine',
        `expected "error" or "skip", received ${shown(policy)}`,
        'Pass one of the two',
        'onBadLine',
      );
    }
    this.name = name;
    this.#policy = policy;
  }

  /** @throws {DataError} naming the line, unless bad lines are to be skipped */
  bad(line: number, reason: string): void {
    if (this.#policy === 'error') {
      throw new DataError(
        `${this.name}:${line}`,
        reason,
        'Correct the line, or skip such lines with onBadLine "skip"',
        'onBadLine',
      );
    }
    this.report.badLineCount++;
    if (this.report.badLines.length < SHOWN_BAD_LINES) this.report.badLines.push({ line, reason });
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
