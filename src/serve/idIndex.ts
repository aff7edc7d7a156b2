import { FormatError } from '../errors.ts';
import { DAMAGED } from '../format/json.ts';
import { findString, indexStrings, slotsFor } from '../kernels/strings.ts';
import type { I32Buffer } from '../runtime/buffers.ts';
import type { Strings } from './modelFile/source.ts';
import type { ImageTensor } from './modelImage.ts';
import type { ModelMemory } from './modelMemory.ts';

/** The ids of a model file, found by their bytes and decoded one by one, and behind them those added since. */
export class IdIndex {
  readonly #memory: ModelMemory;
  readonly #strings: Strings;
  readonly #slots: I32Buffer;
  readonly #added: string[] = [];
  readonly #addedIds = new Map<string, number>();
  /** Ids that nothing has any more; their numbers are not used again. */
  readonly #removed = new Set<number>();

  /** @throws {FormatError} when an id is empty or stands twice */
  constructor(memory: ModelMemory, strings: Strings, file: string, kind: 'user' | 'item') {
    this.#memory = memory;
    this.#strings = strings;
    const slots = slotsFor(strings.count);
    this.#slots = memory.allocate(slots * 4).i32(0, slots);
    const { bytes, offsets } = this.#table;
    const twice = indexStrings(memory.workspace, bytes, offsets, this.#slots);
    const empty = twice < 0 ? this.#findBase('') : -1;
    if (twice < 0 && empty < 0) return;
    const problem =
      twice >= 0
        ? `expected unique ${kind} ids, received ${strings.at(twice)} at positions ${this.#findBase(strings.at(twice))} and ${twice}`
        : `expected a non-empty ${kind} id, received an empty one at position ${empty}`;
    throw new FormatError(file, problem, DAMAGED);
  }

  /** Numbers that are or were in use. */
  get count(): number {
    return this.#strings.count + this.#added.length;
  }

  /** Numbers of ids that are in the file. */
  get baseCount(): number {
    return this.#strings.count;
  }

  /** The number of an id; −1 where nothing has it. */
  find(id: string): number {
    const added = this.#addedIds.get(id);
    if (added !== undefined) return added;
    const found = this.#strings.count === 0 ? -1 : this.#findBase(id);
    return found >= 0 && this.#removed.has(found) ? -1 : found;
  }

  /** @throws {FormatError} when its bytes are no text */
  at(n: number): string {
    return n < this.#strings.count ? this.#strings.at(n) : this.#added[n - this.#strings.count];
  }

  /** Whether a number is still in use. */
  isPresent(n: number): boolean {
    return !this.#removed.has(n);
  }

  /** How many numbers are in use. */
  get presentCount(): number {
    return this.count - this.#removed.size;
  }

  /** The numbers in use, ascending. */
  present(): number[] {
    const all = Array.from({ length: this.count }, (_, n) => n);
    return this.#removed.size === 0 ? all : all.filter((n) => !this.#removed.has(n));
  }

  /** The first id in use. */
  first(): string | undefined {
    for (let n = 0; n < this.count; n++) if (this.isPresent(n)) return this.at(n);
    return undefined;
  }

  /** All ids in use, in order. */
  all(): string[] {
    const own = [...this.#strings.all(), ...this.#added];
    return this.#removed.size === 0 ? own : own.filter((_, n) => !this.#removed.has(n));
  }

  /** Gives an id that nothing has the next number. */
  add(id: string): number {
    const n = this.count;
    this.#added.push(id);
    this.#addedIds.set(id, n);
    return n;
  }

  remove(n: number): void {
    this.#addedIds.delete(this.at(n));
    this.#removed.add(n);
  }

  /** Overwrites what the memory holds of a removed id, so that no dump of it has the id. */
  erase(n: number): void {
    const base = this.#strings.count;
    if (n >= base) this.#added[n - base] = '';
    else {
      this.#strings.forget(n);
      const { bytes, offsets } = this.#table;
      const ends = offsets.view;
      bytes.view.fill(0, ends[n], ends[n + 1]);
    }
  }

  get #table() {
    const { bytes, offsets } = this.#strings;
    return { bytes: (bytes as ImageTensor<'U8'>).buffer, offsets: (offsets as ImageTensor<'I32'>).i32 };
  }

  #findBase(id: string): number {
    const { bytes, offsets } = this.#table;
    return findString(this.#memory.workspace, id, bytes, offsets, this.#slots);
  }
}
