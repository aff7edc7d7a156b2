import type { Compressors, FileMetaData } from 'hyparquet';
import { FormatError, isLlminitError } from '../../errors.ts';
import { SAMPLE_ROWS } from './jsonRows.ts';
import type { LineCounter } from './report.ts';
import type { TableSink } from './table.ts';

/** Rows that are decoded at a time. */
const ROWS = 100_000;

/**
 * Reads a Parquet file, its first rows to learn what columns there are and then only those that are needed. Lines in
 * messages are numbers of rows.
 *
 * @throws {FormatError} for a damaged file, and for one with features that are not read
 */
export async function readParquet(bytes: Uint8Array, sink: TableSink, counter: LineCounter): Promise<string> {
  try {
    await readRows(new Uint8Array(bytes).buffer, sink, counter);
  } catch (error) {
    if (isLlminitError(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const problem = `expected a Parquet file, received one that cannot be read: ${reason}`;
    throw new FormatError(counter.name, problem, 'Check that it is whole');
  }
  return 'Parquet';
}

async function readRows(file: ArrayBuffer, sink: TableSink, counter: LineCounter): Promise<void> {
  const { parquetMetadataAsync, parquetReadObjects } = await import('hyparquet/src/index.js');
  const metadata: FileMetaData = await parquetMetadataAsync(file);
  const compressors = await decompressors(metadata);
  const names = topColumns(metadata);
  const rows = Number(metadata.num_rows);
  const read = (columns: string[], rowStart: number, rowEnd: number) =>
    parquetReadObjects({ file, metadata, columns, rowStart, rowEnd, compressors });
  const head = await read(names, 0, Math.min(rows, SAMPLE_ROWS));
  const sample = head.map((row) => names.map((name) => row[name]));
  sink.columns({ name: counter.name, names, hasHeader: true, sample, decimalComma: false }, null, true);
  const wanted = sink.wanted?.() ?? names.map((_, n) => n);
  const columns = wanted.map((n) => names[n]);
  for (let from = 0; from < rows; from += ROWS) {
    const part = await read(columns, from, Math.min(rows, from + ROWS));
    for (let n = 0; n < part.length; n++) {
      const cells: unknown[] = new Array(names.length);
      for (const index of wanted) cells[index] = part[n][names[index]];
      counter.report.lines++;
      sink.row(cells, from + n + 1);
    }
  }
}

/** Beside Snappy, which hyparquet brings, what programs write by choice; each is loaded when a file has it. */
async function decompressors({ row_groups }: FileMetaData): Promise<Compressors> {
  const codecs = new Set(
    row_groups.flatMap(({ columns }) => columns.map((column) => column.meta_data?.codec)),
  );
  const { gunzipSync } = await import('fflate');
  const { decompress } = await import('fzstd');
  const usual: Compressors = { GZIP: (page) => gunzipSync(page), ZSTD: (page) => decompress(page) };
  if (!codecs.has('BROTLI') && !codecs.has('LZ4') && !codecs.has('LZ4_RAW')) return usual;
  const { decompressBrotli } = await import('hyparquet-compressors/src/brotli.js');
  const { decompressLz4, decompressLz4Raw } = await import('hyparquet-compressors/src/lz4.js');
  return { ...usual, BROTLI: decompressBrotli, LZ4: decompressLz4, LZ4_RAW: decompressLz4Raw };
}

function topColumns({ schema }: FileMetaData): string[] {
  const names: string[] = [];
  let at = 1;
  const skip = () => {
    const element = schema[at++];
    for (let child = element.num_children ?? 0; child > 0; child--) skip();
  };
  while (names.length < (schema[0].num_children ?? 0)) {
    names.push(schema[at].name);
    skip();
  }
  return names;
}
