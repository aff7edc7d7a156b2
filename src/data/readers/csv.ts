import { CsvError, parse } from 'csv-parse/browser/esm/sync';
import { FormatError } from '../../errors.ts';
import { eachLine } from './source.ts';

export interface CsvSink {
  /** @param line where the record starts, 1-based */
  record(cells: string[], line: number): void;
  bad(line: number, reason: string): void;
}

interface Framed {
  text: string;
  line: number;
  isQuoted: boolean;
}

/**
 * Reads comma-separated records with RFC 4180 quotes. A record ends at the first line end before which the
 * quotes balance, so a bad one never reaches further than that, however the source is cut into pieces. A line
 * end inside a quoted field becomes `\n`. Empty lines between records are passed over.
 *
 * @throws {FormatError} if quotes are open when the source ends
 */
export async function readCsvRecords(
  blocks: AsyncIterable<string>,
  name: string,
  sink: CsvSink,
): Promise<void> {
  let linesBefore = 1;
  let open: string[] = [];
  let openLine = 0;
  for await (const block of blocks) {
    const framed: Framed[] = [];
    linesBefore += eachLine(block, (text, index) => {
      const line = linesBefore + index;
      const changes = hasOddQuotes(text);
      if (open.length > 0) {
        open.push(text);
        if (!changes) return;
        framed.push({ text: open.join('\n'), line: openLine, isQuoted: true });
        open = [];
      } else if (changes) {
        open.push(text);
        openLine = line;
      } else if (text !== '') {
        framed.push({ text, line, isQuoted: text.includes('"') });
      }
    });
    emitRecords(framed, sink);
  }
  if (open.length > 0) {
    const problem = 'a quote is opened in this record and never closed';
    throw new FormatError(
      `${name}:${openLine}`,
      problem,
      'Close it, or double a quote that belongs to the text',
    );
  }
}

function hasOddQuotes(text: string): boolean {
  let odd = false;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) odd = !odd;
  return odd;
}

function emitRecords(framed: readonly Framed[], sink: CsvSink): void {
  const quoted = framed.filter((record) => record.isQuoted);
  // One call for all of them: csv-parse costs far more per call than per record.
  const parsed = quoted.length > 0 ? parsedOrNull(quoted.map((record) => record.text)) : [];
  let next = 0;
  for (const { text, line, isQuoted } of framed) {
    if (!isQuoted) sink.record(text.split(','), line);
    else if (parsed) sink.record(parsed[next++], line);
    else emitAlone(text, line, sink);
  }
}

/** The cells of each record, or null if one of them is malformed. */
function parsedOrNull(records: readonly string[]): string[][] | null {
  try {
    const parsed = parseCsv(records.join('\n'));
    return parsed.length === records.length ? parsed : null;
  } catch (error) {
    if (error instanceof CsvError) return null;
    throw error;
  }
}

function emitAlone(text: string, line: number, sink: CsvSink): void {
  const parsed = parsedOrNull([text]);
  if (parsed) {
    sink.record(parsed[0], line);
    return;
  }
  const last = line + text.split('\n').length - 1;
  const place = last > line ? ` in the record of lines ${line} to ${last}` : '';
  sink.bad(line, `the quotes${place} do not follow RFC 4180: quote the whole field and double those inside`);
}

function parseCsv(text: string): string[][] {
  return parse(text, { record_delimiter: '\n', relax_column_count: true });
}
