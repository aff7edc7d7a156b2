import type { Block } from './blocks.ts';
import type { Cell } from './cells.ts';
import type { Table } from './roles.ts';

/** Takes the rows of a table. */
export interface TableSink {
  /**
   * Called before the first row, and again when a row brings new columns.
   *
   * @param types RecBole's column types, else null
   * @param isComplete whether these are all columns there will be
   */
  columns(table: Table, types: readonly string[] | null, isComplete: boolean): void;
  /** Whether a column that a later row brings makes a difference, so that `columns` is called; where it is not said, it does. */
  awaits?(name: string, index: number): boolean;
  /** @param cells in the order of the columns, with holes for fields that a row of JSON does not have */
  row(cells: readonly Cell[], line: number): void;
  /** A user who may turn out to have no row. */
  user?(cell: Cell, line: number): void;
  /** The columns whose cells are read; all where it is not said. */
  wanted?(): readonly number[];
  /**
   * A reader of lines of plain fields in bytes, for a sink that has a faster way than `row`; null if it has none.
   *
   * @param delimiter the byte between fields
   * @param quoted whether `"` has a meaning
   * @param slow takes the lines that the reader leaves alone
   */
  plain?(delimiter: number, width: number, quoted: boolean, slow: SlowLines): ((block: Block) => void) | null;
}

/** Takes lines one by one, as text. */
export interface SlowLines {
  line(bytes: Uint8Array, line: number): void;
  /** whether the lines so far end within a record */
  readonly isOpen: boolean;
}

/** A row of fewer columns is looked through cell by cell. */
const NARROW = 256;

/** The columns of a row in which something stands, in their order; no more work than the row has cells. */
export function presentColumns(cells: readonly Cell[]): readonly number[] {
  const columns = cells.length > NARROW ? Object.keys(cells).map(Number) : Array.from(cells.keys());
  return columns.filter((column) => cells[column] !== undefined);
}
