import { IdIndex } from './idIndex.ts';
import type { CodesPart, FactorsPart, UsersPart } from './modelFile/parts.ts';
import type { ImageTensor, ModelImage } from './modelImage.ts';
import { FactorTable } from './scoring/factorTable.ts';
import { type CodedRow, Segment } from './scoring/segment.ts';

/** What a person has, ascending by item, and which of it is liked. */
export interface PersonItems {
  readonly items: readonly number[];
  readonly liked: readonly boolean[];
  /** The place of each in the person's history, 0 for the oldest; nothing where the model does not keep it. */
  readonly order?: readonly number[];
}

const NOTHING: PersonItems = { items: [], liked: [] };

/** The people of a model: those of its file, and those and what came since. */
export class People {
  readonly ids: IdIndex;
  readonly #part: UsersPart;
  /** Their rows in the file; null where it has none. */
  readonly #rows: FactorTable | null;
  /** Of people who have more than the file says, or are not in it. */
  readonly #items = new Map<number, PersonItems>();

  /** @throws {FormatError} when an id is empty or stands twice */
  constructor(image: ModelImage, part: UsersPart, factors: FactorsPart | null) {
    this.ids = new IdIndex(image.memory, part.ids, image.name, 'user');
    this.#part = part;
    this.#rows = factors && rowsOf(image, factors, part.ids.count);
  }

  /** Whether the model has anything of its people but their ids. */
  get isKnown(): boolean {
    return this.#rows !== null || this.#part.had !== null || this.ids.count > this.ids.baseCount;
  }

  /** What a person has. */
  itemsOf(user: number): PersonItems {
    const own = this.#items.get(user);
    if (own) return own;
    const { had, liked, order } = this.#part;
    if (!had || user >= this.ids.baseCount) return NOTHING;
    const starts = had.rowPtr.data;
    const [begin, end] = [starts[user], starts[user + 1]];
    const columns = had.colIdx.data;
    const bits = liked?.data;
    const items: number[] = [];
    const isLiked: boolean[] = [];
    for (let at = begin; at < end; at++) {
      items.push(columns[at]);
      isLiked.push(bits === undefined || ((bits[at >> 3] >> (at & 7)) & 1) === 1);
    }
    return order
      ? { items, liked: isLiked, order: Array.from(order.data.subarray(begin, end)) }
      : { items, liked: isLiked };
  }

  /** The people who like an item, ascending, each with all that he or she likes. */
  whoLike(item: number): { readonly user: number; readonly likes: readonly number[] }[] {
    const found: { readonly user: number; readonly likes: readonly number[] }[] = [];
    const own = this.#part.had;
    const [starts, columns] = own ? [own.rowPtr.data, own.colIdx.data] : [[], []];
    for (let user = 0; user < this.ids.count; user++) {
      // Most people are passed over without a list of what they have.
      if (!this.#items.has(user) && !includes(columns, starts[user] ?? 0, starts[user + 1] ?? 0, item))
        continue;
      const { items, liked } = this.itemsOf(user);
      const likes = items.filter((_, n) => liked[n]);
      if (likes.includes(item) && this.ids.isPresent(user)) found.push({ user, likes });
    }
    return found;
  }

  /** Whether somebody has other items than the file says. */
  get isChanged(): boolean {
    return this.#items.size > 0;
  }

  /** The person's row among the factors, zeros for somebody who likes nothing; null where the model keeps none. */
  rowOf(user: number): Float32Array | null {
    return this.#rows?.row(user) ?? null;
  }

  /** The person's row in 8 bits. */
  codedRow(user: number): CodedRow {
    return this.#rows!.codedRow(user);
  }

  /** Whether the model keeps rows of people. */
  get hasRows(): boolean {
    return this.#rows !== null;
  }

  /** @param row where the model keeps rows; new people get theirs in the order of their numbers */
  set(user: number, items: PersonItems, row: Float32Array | null): void {
    this.#items.set(user, items);
    if (row) this.#rows?.setRow(user, row);
  }

  /** Forgets a person: id, items and row, in the memory of the file too. */
  remove(user: number): void {
    this.ids.remove(user);
    this.ids.erase(user);
    this.#items.set(user, NOTHING);
    this.#rows?.setRow(user, new Float32Array(this.#rows.dim));
    if (user >= this.ids.baseCount) return;
    const { had, liked } = this.#part;
    if (!had) return;
    const starts = had.rowPtr.data;
    had.colIdx.data.fill(0, starts[user], starts[user + 1]);
    const bits = liked?.data;
    for (let at = starts[user]; bits && at < starts[user + 1]; at++) bits[at >> 3] &= ~(1 << (at & 7));
  }
}

/** Whether one of the places begin … end−1 has a value. */
function includes(values: ArrayLike<number>, begin: number, end: number, value: number): boolean {
  for (let at = begin; at < end; at++) if (values[at] === value) return true;
  return false;
}

/** Rows of people where they lie in the file. */
function rowsOf({ memory }: ModelImage, part: FactorsPart, count: number): FactorTable | null {
  const { dim, users, userCodes } = part;
  if (!users && !userCodes) return null;
  const table = users && (users as ImageTensor).table;
  const codes = userCodes && !users ? codesOf(userCodes) : null;
  return new FactorTable(memory, new Segment(memory, 0, count, dim, table, codes), 'auto');
}

/** Codes where they lie in the file; without errors nothing bounds what they stand for. */
export function codesOf({ codes, scales }: CodesPart, errors: ImageTensor<'F32'> | null = null) {
  const own = (scales as ImageTensor<'F32'>).f32;
  return { codes: (codes as ImageTensor<'I8'>).buffer, scales: own, errors: errors?.f32 ?? own };
}

/** What a person has, the oldest first where the order is kept, else ascending. */
export function oldestFirst({ items, liked, order }: PersonItems): [item: number, liked: boolean][] {
  const entries = items.map((item, n): [number, boolean] => [item, liked[n]]);
  if (!order) return entries;
  const sorted: [number, boolean][] = new Array(entries.length);
  for (const [n, entry] of entries.entries()) sorted[order[n]] = entry;
  return sorted;
}
