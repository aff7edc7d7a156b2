import { SAMPLE_ROWS } from '../../data/readers/jsonRows.ts';
import { assertAsked, type TableOptions } from '../../data/readers/readTable.ts';
import type { LineCounter } from '../../data/readers/report.ts';
import type { TableSink } from '../../data/readers/table.ts';
import { FormatError, isLlminitError } from '../../errors.ts';
import { type Database, duckdbFault } from './database.ts';

/**
 * Reads a Parquet file of any size, a piece at a time, as `readParquet` reads one that fits into memory: its first rows
 * to learn what columns there are, then those that are needed.
 *
 * @throws {FormatError} for a damaged file
 */
export async function scanParquet(
  database: Database,
  path: string,
  sink: TableSink,
  counter: LineCounter,
  options: TableOptions,
): Promise<string> {
  assertAsked(options, 'parquet', counter.name);
  try {
    await scanRows(database, path, sink, counter);
  } catch (error) {
    if (!isLlminitError(error, 'ERR_LLMINIT_DATA') || !error.message.startsWith('DuckDB:')) throw error;
    const reason = (error.cause as Error).message.split('\n')[0];
    const problem = `expected a Parquet file, received one that cannot be read: ${reason}`;
    throw new FormatError(counter.name, problem, 'Check that it is whole');
  }
  return 'Parquet';
}

async function scanRows(
  database: Database,
  path: string,
  sink: TableSink,
  counter: LineCounter,
): Promise<void> {
  const table = `read_parquet(${quoted(path, "'")}, binary_as_string = true, hive_partitioning = false)`;
  const head = await rowsOf(database, `SELECT * FROM ${table} LIMIT ${SAMPLE_ROWS}`);
  const { names } = head;
  sink.columns(
    { name: counter.name, names, hasHeader: true, sample: head.rows, decimalComma: false },
    null,
    true,
  );
  const wanted = sink.wanted?.() ?? names.map((_, n) => n);
  const columns = wanted.map((n) => quoted(names[n], '"')).join(', ');
  let line = 0;
  for await (const { columns: cells, count } of pieces(database, `SELECT ${columns} FROM ${table}`)) {
    for (let n = 0; n < count; n++) {
      const row: unknown[] = new Array(names.length);
      for (let c = 0; c < wanted.length; c++) row[wanted[c]] = cells[c][n];
      counter.report.lines++;
      sink.row(row, ++line);
    }
  }
}

async function rowsOf(database: Database, sql: string): Promise<{ names: string[]; rows: unknown[][] }> {
  const { JSDuckDBValueConverter } = database.module;
  try {
    const reader = await database.connection.runAndReadAll(sql);
    return { names: reader.columnNames(), rows: reader.convertRows(JSDuckDBValueConverter) };
  } catch (error) {
    throw duckdbFault(error, 0);
  }
}

/** The columns of a statement in pieces, values as JavaScript has them: dates, lists, objects. */
async function* pieces(
  database: Database,
  sql: string,
): AsyncGenerator<{ columns: unknown[][]; count: number }> {
  const { JSDuckDBValueConverter } = database.module;
  for await (const chunk of database.chunks(sql))
    yield {
      columns: chunk.convertColumns<unknown>(JSDuckDBValueConverter as never),
      count: chunk.rowCount,
    };
}

/** A text or a name in SQL. */
export function quoted(text: string, mark: "'" | '"'): string {
  return `${mark}${text.replaceAll(mark, mark + mark)}${mark}`;
}
