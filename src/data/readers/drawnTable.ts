import { eachLine, textOf } from './blocks.ts';
import type { Sample } from './dialect.ts';
import type { FormatInput } from './formats.ts';

/** A line that is drawn under or around rows: `| --- | ---: |`, `----+----`, `+----+----+`. */
const RULE = /^[\s|+:=-]+$/;
/** What psql and mysql write below a table. */
const FOOTER = /^\(?\d+ rows?\b/;

function isRule(line: string): boolean {
  return /--|==/.test(line) && RULE.test(line);
}

/** Whether lines are a table drawn with characters: the first or the second one is a rule, and rows have bars. */
export function isDrawn({ lines }: Sample): boolean {
  const rule = lines.slice(0, 2).find((line) => isRule(line) && /[|+]/.test(line));
  return rule !== undefined && lines.slice(0, 3).some((line) => line.includes('|') && !isRule(line));
}

/** Reads a table as Markdown, psql and mysql draw it: a header, a rule, and rows between bars. */
export async function readDrawn({ blocks, sample, sink, counter }: FormatInput): Promise<string> {
  const rows = sample.lines.filter((line) => !isRule(line) && !FOOTER.test(line)).map(cellsOf);
  const [names, ...first] = rows;
  const { name } = counter;
  const full = first.filter((row) => row.length === names.length);
  sink.columns({ name, names, hasHeader: true, sample: full, decimalComma: false }, null, true);
  let isHeader = true;
  for await (const block of blocks) {
    eachLine(textOf(block, name), (text, index) => {
      if (text.trim() === '' || isRule(text) || FOOTER.test(text)) return;
      if (isHeader) {
        isHeader = false;
        return;
      }
      counter.report.lines++;
      const cells = cellsOf(text);
      const problem = `expected ${names.length} fields as in the header, received ${cells.length}`;
      if (cells.length === names.length) sink.row(cells, block.line + index);
      else counter.bad(block.line + index, problem, 'another number of fields');
    });
  }
  return 'a table drawn with bars';
}

/** What stands between bars; a bar behind a backslash is text. */
function cellsOf(line: string): string[] {
  const inner = line
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '');
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'));
}
