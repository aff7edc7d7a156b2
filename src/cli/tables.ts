import stringWidth from 'string-width';
import { printableLine } from './printable.ts';

/** What a column is cut to, at least, where a table is wider than the terminal. */
const LEAST_WIDTH = 12;

/**
 * A table in plain characters: the first `left` columns to the left, the others, which are numbers, to the right. Where
 * it is wider than the terminal, its widest column to the left is cut.
 *
 * @param columns that the terminal has; undefined where stdout is none, and nothing is cut
 */
export function tableText(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  left = 1,
  columns: number | undefined = process.stdout.columns,
): string {
  const lines = fitted(
    [head, ...rows].map((line) => line.map(printableLine)),
    left,
    columns,
  );
  const widths = widthsOf(lines);
  const rule = (begin: string, between: string, end: string) =>
    `${begin}${widths.map((width) => '─'.repeat(width + 2)).join(between)}${end}`;
  const drawn = lines.map((cells) => {
    const padded = cells.map((cell, column) => {
      const space = ' '.repeat(widths[column] - columnsOf(cell));
      return column < left ? ` ${cell}${space} ` : ` ${space}${cell} `;
    });
    return `│${padded.join('│')}│`;
  });
  const [first, ...rest] = drawn;
  return [rule('┌', '┬', '┐'), first, rule('├', '┼', '┤'), ...rest, rule('└', '┴', '┘')].join('\n');
}

/** Columns that a text takes; most texts are plain, and need none of the tables that the library looks up. */
function columnsOf(text: string): number {
  return /^[ -~]*$/.test(text) ? text.length : stringWidth(text);
}

function widthsOf(lines: readonly (readonly string[])[]): number[] {
  return lines[0].map((_, column) => Math.max(...lines.map((cells) => columnsOf(cells[column]))));
}

function fitted(lines: string[][], left: number, columns: number | undefined): string[][] {
  const widths = widthsOf(lines);
  const tooMuch = widths.reduce((sum, width) => sum + width + 3, 1) - (columns ?? Number.POSITIVE_INFINITY);
  if (tooMuch <= 0) return lines;
  const widest = widths.indexOf(Math.max(...widths.slice(0, left)));
  const width = Math.max(LEAST_WIDTH, widths[widest] - tooMuch);
  return lines.map((cells) => cells.map((cell, column) => (column === widest ? cutTo(cell, width) : cell)));
}

/** The text, its end left out for `…` where it takes more columns. */
function cutTo(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
  let kept = '';
  for (const character of text) {
    if (columnsOf(kept + character) >= width) break;
    kept += character;
  }
  return `${kept}…`;
}

/** `0.0935`, or `0.0935 ± 0.0057` where there is a spread. */
export function measured(mean: number, sd: number | null): string {
  return sd === null ? mean.toFixed(4) : `${mean.toFixed(4)} ± ${sd.toFixed(4)}`;
}

/** A share as `+21 %`; `–` for none. */
export function gainText(relative: number | null): string {
  if (relative === null) return '–';
  const percent = Math.round(relative * 1000) / 10;
  return `${percent > 0 ? '+' : ''}${percent.toFixed(1)} %`;
}
