/** A value of a row: text in all formats but JSON lines; absent fields of JSON lines are undefined. */
export type Cell = unknown;

/** Takes the rows of a table. */
export interface TableSink {
  /**
   * Called before the first row and, for JSON lines, again when a row brings new fields.
   *
   * @param types RecBole's column types, else null
   */
  columns(names: readonly string[], types: readonly string[] | null): void;
  /** @param cells in the order of the columns */
  row(cells: readonly Cell[], line: number): void;
}
