import type { Block } from './blocks.ts';
import { ByteIds, PADDING } from './byteIds.ts';
import {
  EVENT,
  ITEM,
  ITEM_PLACE,
  PLACE_OF,
  PLACES,
  type PlainOptions,
  RowCutter,
  USER,
  USER_PLACE,
} from './rowCutter.ts';
import type { SlowLines } from './table.ts';

const LF = 10;

/** Where the rows of interactions go. */
export interface PlainTarget {
  /** the index of an id, which is added if it is new; −1 for a spelling that takes a closer look */
  userIndex(id: string): number;
  itemIndex(id: string): number;
  /** the index of a kind of event */
  eventIndex(text: string): number;
  /** takes a row; NaN stands for no number and no time, −1 for no event */
  push(user: number, item: number, value: number, time: number, event: number): void;
  /** seconds of a time in numbers; NaN if it takes a closer look */
  seconds(value: number): number;
  /** counts lines with data */
  counted(lines: number): void;
}

/** Rows that are looked up together. */
const BATCH = 64;

/**
 * Reads lines of plain fields as bytes: ids, and whole and decimal numbers, with or without quotes around them. Whatever
 * else stands in a line (doubled quotes, letters beyond ASCII, ids with blanks, missing fields …) goes to the slow way as
 * a whole, so that one place decides what such a line means. Lines are cut first and the ids of some are looked up together,
 * so that the misses of the cache overlap.
 */
export class PlainRows {
  readonly #target: PlainTarget;
  readonly #slow: SlowLines;
  readonly #cutter: RowCutter;
  readonly #users = new ByteIds();
  readonly #items = new ByteIds();
  readonly #events = new ByteIds();
  readonly #touched = new Int32Array(1);
  #rows = 0;
  /** a block with a line end and padding behind it */
  #bytes = new Uint8Array(0);
  #view = new DataView(new ArrayBuffer(0));

  constructor(options: PlainOptions, target: PlainTarget, slow: SlowLines) {
    this.#cutter = new RowCutter(options, BATCH);
    this.#target = target;
    this.#slow = slow;
  }

  take({ bytes: block, line: firstLine }: Block): void {
    this.#copy(block);
    let line = firstLine;
    for (let at = 0; at < block.length; line++) {
      const next = this.#slow.isOpen ? -1 : this.#cutter.cut(this.#bytes, at, this.#rows);
      if (next > 0) {
        at = next;
        if (++this.#rows === BATCH) this.#lookUp(line - BATCH + 1);
        continue;
      }
      this.#lookUp(line - this.#rows);
      const stop = this.#bytes.indexOf(LF, at);
      this.#slow.line(this.#bytes.subarray(at, stop), line);
      at = stop + 1;
    }
    this.#lookUp(line - this.#rows);
  }

  /** With a line end behind the block no field needs to look whether it ends. */
  #copy(block: Uint8Array): void {
    if (this.#bytes.length < block.length + 1 + PADDING) {
      this.#bytes = new Uint8Array(block.length + (block.length >> 2) + 1 + PADDING);
      this.#view = new DataView(this.#bytes.buffer);
    }
    this.#bytes.set(block);
    this.#bytes[block.length] = LF;
  }

  /** Hands over the rows that are cut. @param firstLine the number of the line of the first */
  #lookUp(firstLine: number): void {
    const rows = this.#rows;
    const { places } = this.#cutter;
    const view = this.#view;
    const users = this.#users;
    const items = this.#items;
    let touched = 0;
    for (let row = 0; row < PLACES * rows; row += PLACES) {
      const user = users.hash(view, places[row + USER_PLACE], places[row + USER_PLACE + 1]);
      const item = items.hash(view, places[row + ITEM_PLACE], places[row + ITEM_PLACE + 1]);
      places[row + USER_PLACE + 2] = user;
      places[row + ITEM_PLACE + 2] = item;
      touched ^= users.touch(user) ^ items.touch(item);
    }
    // Written down, so that no engine leaves the reading out.
    this.#touched[0] = touched;
    let taken = 0;
    for (let n = 0; n < rows; n++) if (this.#hand(n, firstLine + n)) taken++;
    if (taken > 0) this.#target.counted(taken);
    this.#rows = 0;
  }

  /** Hands over the nth row that is cut, or its line to the slow way if an id or the time takes a closer look. */
  #hand(n: number, line: number): boolean {
    const user = this.#index(USER, n);
    const item = user < 0 ? -1 : this.#index(ITEM, n);
    const event = item < 0 || !this.#cutter.hasEvent ? -1 : this.#index(EVENT, n);
    const isKnown = item >= 0 && (event >= 0 || !this.#cutter.hasEvent);
    // Asked last, when the line is known to be plain, because the times are counted.
    const time = isKnown && this.#cutter.hasTime ? this.#target.seconds(this.#cutter.times[n]) : Number.NaN;
    if (!isKnown || (this.#cutter.hasTime && Number.isNaN(time))) {
      const { places } = this.#cutter;
      this.#slow.line(this.#bytes.subarray(places[PLACES * n], places[PLACES * n + 1] - 1), line);
      return false;
    }
    this.#target.push(user, item, this.#cutter.values[n], time, event);
    return true;
  }

  /** The index of the nth row's id or event, all of it ASCII; −1 if it takes a closer look. */
  #index(role: number, n: number): number {
    const place = PLACES * n + PLACE_OF[role];
    const from = this.#cutter.places[place];
    const to = this.#cutter.places[place + 1];
    const known = role === USER ? this.#users : role === ITEM ? this.#items : this.#events;
    const hash = role === EVENT ? known.hash(this.#view, from, to) : this.#cutter.places[place + 2];
    const found = known.find(this.#view, from, to, hash);
    if (found >= 0) return found;
    const index = this.#newIndex(role, ascii(this.#bytes, from, to));
    if (index >= 0) known.add(this.#view, from, to, index);
    return index;
  }

  #newIndex(role: number, id: string): number {
    if (role === USER) return this.#target.userIndex(id);
    return role === ITEM ? this.#target.itemIndex(id) : this.#target.eventIndex(id);
  }
}

/** Bytes of a text that is put together of characters, each of which would be an object of its own in a long one. */
const SHORT = 64;
const decoder = new TextDecoder();

/** The text of some bytes, all of them ASCII. */
function ascii(bytes: Uint8Array, from: number, to: number): string {
  if (to - from > SHORT) return decoder.decode(bytes.subarray(from, to));
  let text = '';
  for (let at = from; at < to; at++) text += String.fromCharCode(bytes[at]);
  return text;
}
