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
  /** @param cells in the order of the columns */
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
