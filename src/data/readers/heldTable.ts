import { type Cell, cellNumber, cellText, isMissing } from './cells.ts';
import type { Table } from './roles.ts';
import { presentColumns, type TableSink } from './table.ts';
import { dateTime } from './times.ts';

/** Keeps a table as it is read. */
export class HeldTable implements TableSink {
  head: Table = { name: '', names: [], hasHeader: true, sample: [], decimalComma: false };
  types: readonly string[] | null = null;
  readonly rows: { readonly cells: readonly Cell[]; readonly line: number }[] = [];
  #texts: ReadonlySet<number> | null = null;

  columns(head: Table, types: readonly string[] | null): void {
    this.head = head;
    this.types = types;
  }

  row(cells: readonly Cell[], line: number): void {
    this.rows.push({ cells, line });
  }

  /** The columns that have a cell which is a text; known when all rows have been taken. */
  get texts(): ReadonlySet<number> {
    if (this.#texts) return this.#texts;
    const found = new Set<number>();
    for (const { cells } of this.rows) {
      for (const column of presentColumns(cells))
        if (!found.has(column) && isText(cells[column])) found.add(column);
    }
    this.#texts = found;
    return found;
  }
}

const ADDRESS = /^(https?:\/\/|www\.)\S+$/i;
const TRUTH = /^(true|false)$/i;

/** Whether a cell is neither a number, a date, a truth value nor an address. */
function isText(cell: Cell): boolean {
  const text = cellText(cell).trim();
  if (text === '' || isMissing(text) || TRUTH.test(text)) return false;
  if (Number.isFinite(cellNumber(text)) || !('problem' in dateTime(text, 'dmy'))) return false;
  return !text.split(/\s+/).every((word) => ADDRESS.test(word));
}
