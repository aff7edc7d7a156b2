import { DataError, ShapeError, shown } from '../errors.ts';
import type { EmbeddedRow, Embedder } from './embedder.ts';
import type { EmbeddingsParts } from './embeddings.ts';

/** The rows of a list of ids as they come in, each checked before it is taken; the first one decides the width. */
export class RowTable {
  readonly ids: readonly string[];
  readonly #source: string;
  readonly #present: Uint8Array;
  #width: number;
  #vectors = new Float32Array(0);

  constructor({ id, width = 0 }: Pick<Embedder, 'id' | 'width'>, ids: readonly string[]) {
    this.ids = ids;
    this.#source = id;
    this.#present = new Uint8Array(ids.length);
    this.#width = width;
  }

  /**
   * Looks at rows without taking them.
   * @param positions whose rows they are, for messages
   */
  checkAll(rows: readonly EmbeddedRow[], positions: readonly number[]): void {
    for (const [n, row] of rows.entries()) if (row !== null) this.#check(row, positions[n]);
  }

  /** Whether a row from elsewhere has the width and the values of a vector. */
  usable(row: ArrayLike<number> | undefined): boolean {
    if (row === undefined || row.length === 0) return false;
    return (this.#width === 0 || row.length === this.#width) && firstUnusable(row) === -1;
  }

  /** Takes a row that was checked; null leaves the position without a vector. */
  set(position: number, row: EmbeddedRow): void {
    if (row === null) return;
    if (this.#vectors.length === 0) this.#vectors = new Float32Array(this.ids.length * this.#width);
    this.#vectors.set(row, position * this.#width);
    this.#present[position] = 1;
  }

  /** The rows that were set. @throws {DataError} when there is none */
  finish(): EmbeddingsParts {
    const width = this.#width;
    const rows = this.ids.flatMap((_, position) => (this.#present[position] ? [position] : []));
    if (rows.length === 0) {
      const problem = `expected vectors, received none for any of ${this.ids.length} texts`;
      throw new DataError(this.#source, problem, 'Check that texts and ids are those it knows');
    }
    if (rows.length === this.ids.length)
      return { ids: this.ids, width, vectors: this.#vectors, source: this.#source };
    for (const [n, position] of rows.entries())
      this.#vectors.copyWithin(n * width, position * width, (position + 1) * width);
    return {
      ids: rows.map((position) => this.ids[position]),
      width,
      vectors: this.#vectors.slice(0, rows.length * width),
      source: this.#source,
    };
  }

  #check(row: ArrayLike<number>, position: number): void {
    const id = this.ids[position];
    if (typeof row?.length !== 'number' || row.length === 0) {
      const problem = `expected a list of numbers for ${id}, received ${shown(row)}`;
      throw new ShapeError(this.#source, problem, 'Return one list of numbers per text');
    }
    this.#width ||= row.length;
    if (row.length !== this.#width) {
      throw new ShapeError(
        this.#source,
        `expected vectors of width ${this.#width}, received ${row.length} for ${id}`,
        'Empty the cache, or check that the model is the same for all texts',
      );
    }
    const at = firstUnusable(row);
    if (at !== -1) {
      throw new DataError(
        this.#source,
        `expected a finite vector for ${id}, received ${shown(row[at])} in column ${at}`,
        'Try another precision or model',
      );
    }
  }
}

/** The position of the first value that is no number, or none that float32 holds; -1 if there is none. */
function firstUnusable(row: ArrayLike<number>): number {
  for (let n = 0; n < row.length; n++)
    if (typeof row[n] !== 'number' || !Number.isFinite(Math.fround(row[n]))) return n;
  return -1;
}
