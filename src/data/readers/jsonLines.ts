import { FormatError, shown } from '../../errors.ts';
import type { LineCounter } from './badLines.ts';
import { eachLine } from './source.ts';
import type { TableSink } from './tableSink.ts';

/** Reads one JSON object a line; the columns are the fields met so far. */
export async function readJsonLines(
  blocks: AsyncIterable<string>,
  sink: TableSink,
  counter: LineCounter,
): Promise<void> {
  const names: string[] = [];
  const known = new Set<string>();
  let linesBefore = 1;
  let isEmpty = true;
  const take = (text: string, line: number) => {
    isEmpty = false;
    counter.report.lines++;
    const row = parsedObject(text);
    if (typeof row === 'string') {
      counter.bad(line, row);
      return;
    }
    const before = names.length;
    for (const name of Object.keys(row)) {
      if (known.has(name)) continue;
      known.add(name);
      names.push(name);
    }
    if (names.length > before) sink.columns(names, null);
    sink.row(
      names.map((name) => (Object.hasOwn(row, name) ? row[name] : undefined)),
      line,
    );
  };
  for await (const block of blocks) {
    linesBefore += eachLine(block, (text, index) => {
      if (text.trim() !== '') take(text, linesBefore + index);
    });
  }
  if (isEmpty)
    throw new FormatError(counter.name, 'expected JSON lines, the file is empty', 'Check the file');
}

/** The object, or what is wrong with the text. */
function parsedObject(text: string): Record<string, unknown> | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return `expected a JSON object, received ${shown(text)}`;
  }
  return isObject(value) ? value : `expected a JSON object, received ${shown(text)}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
