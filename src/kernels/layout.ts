import { ShapeError } from '../errors.ts';
import type { Table } from '../runtime/buffers.ts';
import { PANEL_COLUMNS } from '../runtime/constants.ts';
import type { CsrMatrix } from '../runtime/csrMatrix.ts';

/** Up to this size the last-level cache of most processors holds a table; larger ones that are row-major are touched ahead. */
const SHARED_TABLE_BYTES = 16 * 2 ** 20;

/** How a sparse product reads and writes its tables. */
export interface ProductOptions {
  /** Factor of the whole result. Default 1. */
  readonly scale?: number;
  /** The table that is multiplied holds D^-½ times its values: with a normalised matrix only. Default false. */
  readonly scaledIn?: boolean;
  /** The result is to hold D^-½ times its values: with a normalised matrix only. Default false. */
  readonly scaledOut?: boolean;
}

/** Options of a product whose result is not for another one. */
export type InputOptions = Omit<ProductOptions, 'scaledOut'>;

/** @throws {ShapeError} unless rows of both tables take the same number of elements */
export function sameWidth(kernel: string, a: Table, b: Table): void {
  const [one, other] = [a, b].map(({ stride, panels }) => stride * panels);
  if (one === other) return;
  throw new ShapeError(kernel, `expected tables of one stride, received ${one} and ${other}`, 'Use one dim');
}

/** @throws {ShapeError} unless rows of `a` take at most as many elements as those of `b` */
export function noWider(kernel: string, a: Table, b: Table): void {
  const [one, other] = [a, b].map(({ stride, panels }) => stride * panels);
  if (one <= other) return;
  const problem = `expected rows of at most ${other} elements, received ${one}`;
  throw new ShapeError(kernel, problem, 'Use one dim');
}

/** @throws {ShapeError} unless both tables lie in memory in the same way */
export function sameKind(kernel: string, a: Table, b: Table): void {
  sameWidth(kernel, a, b);
  if (a.panels === b.panels && a.panelStride === b.panelStride) return;
  const received = `received ${a.panels} and ${b.panels} panels of ${a.rows} and ${b.rows} rows`;
  throw new ShapeError(
    kernel,
    `expected tables of one layout, ${received}`,
    'Make both with workspace.table',
  );
}

/** Where a panel begins; in a row-major table, where the columns of a panel of `columns` columns begin. */
export function panelPtr(table: Table, panel: number, columns = 0): number {
  return table.ptr + 4 * panel * (table.panels > 1 ? table.panelStride : columns);
}

/** @throws {ShapeError} where a scaled product has no norms */
export function checkScaled(kernel: string, a: CsrMatrix | null, options: ProductOptions): void {
  const { scaledIn = false, scaledOut = false } = options;
  if ((scaledIn || scaledOut) && !a?.norms) {
    throw new ShapeError(
      kernel,
      'expected a matrix with norms, received one without',
      'Pass the normalised adjacency, or leave scaledIn and scaledOut out',
    );
  }
}

/** Whether a product is to touch what the next row gathers (assembly/spmm.ts); rows of 16 columns go as a panel does. */
export function touchesAhead({ rows, stride, panels }: Table): boolean {
  return panels === 1 && stride > PANEL_COLUMNS && rows * stride * 4 > SHARED_TABLE_BYTES;
}
