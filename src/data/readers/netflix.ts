import { eachLine, textOf } from './blocks.ts';
import type { FormatInput } from './formats.ts';

/** A line that opens the ratings of a film. */
export const FILM_LINE = /^(\d+):$/;

/**
 * Reads the files of the Netflix Prize: a line `film:`, then a line `user,rating,date` for each of its ratings.
 */
export async function readNetflix({ blocks, sink, counter }: FormatInput): Promise<string> {
  const names = ['user', 'item', 'rating', 'date'];
  const sample = [['1', '1', '3', '2005-09-06']];
  sink.columns({ name: counter.name, names, hasHeader: true, sample, decimalComma: false }, null, true);
  let film: string | null = null;
  for await (const block of blocks) {
    eachLine(textOf(block, counter.name), (text, index) => {
      if (text.trim() === '') return;
      const line = block.line + index;
      const opened = FILM_LINE.exec(text.trim());
      if (opened) {
        film = opened[1];
        return;
      }
      counter.report.lines++;
      const cells = text.split(',');
      if (film === null || cells.length !== 3) {
        counter.bad(
          line,
          `expected user,rating,date below a line film:, received ${cells.length} fields`,
          'another number of fields',
        );
      } else sink.row([cells[0], film, cells[1], cells[2]], line);
    });
  }
  return 'Netflix Prize, films with their ratings';
}
