import { eachLine, textOf } from './blocks.ts';
import type { Sample } from './dialect.ts';
import type { FormatInput } from './formats.ts';
import { ObjectRows } from './jsonRows.ts';

const FIELD = /^([\p{L}_][\p{L}\p{N}_/. -]{0,60}):(?: (.*))?$/u;

/** Whether lines are fields of records, `review/userId: A1`, whose names come again. */
export function areRecords({ lines, numbers }: Sample): boolean {
  const names = lines.map((line) => FIELD.exec(line)?.[1]);
  const isSpaced = numbers.some((number, n) => n > 0 && number > numbers[n - 1] + 1);
  const found = names.filter((name) => name !== undefined);
  return (
    isSpaced &&
    lines.length > 3 &&
    found.length >= 0.8 * lines.length &&
    2 * new Set(found).size <= found.length
  );
}

/**
 * Reads records whose fields stand a line each, `name: value`, with an empty line between records, as the reviews of SNAP
 * (McAuley & Leskovec) are written. A line without a name goes on with the value before.
 */
export async function readRecords({ blocks, sink, counter, hints }: FormatInput): Promise<string> {
  const rows = new ObjectRows(sink, counter, 'a record', hints);
  let record: Record<string, string> = {};
  let last: string | null = null;
  let line = 0;
  const finish = () => {
    if (last !== null) rows.take(record, line, '');
    record = {};
    last = null;
  };
  for await (const block of blocks) {
    eachLine(textOf(block, counter.name), (text, index) => {
      if (text.trim() === '') {
        finish();
        return;
      }
      const [, name, value = ''] = FIELD.exec(text) ?? [];
      if (name === undefined) {
        if (last !== null) record[last] += `\n${text}`;
        return;
      }
      if (last === null) line = block.line + index;
      last = name;
      record[name] = value;
    });
  }
  finish();
  rows.end();
  return 'records, a line a field';
}
