import type { Block } from './blocks.ts';
import { ByteIds, PADDING } from './byteIds.ts';
import type { Roles } from './roles.ts';
import type { SlowLines } from './table.ts';

const TAB = 9;
const LF = 10;
const CR = 13;
const QUOTE = 34;
const POINT = 46;
const MINUS = 45;
const ZERO = 48;

/** What ends a field, by byte: 0 nothing, 1 the delimiter, 2 LF, 3 CR, 4 a byte that only the slow way reads. */
const DELIMITER = 1;
const LINE_FEED = 2;
const RETURN = 3;
const SLOW = 4;

/** What is done with a column. */
const SKIP = 0;
const USER = 1;
const ITEM = 2;
const VALUE = 3;
const TIME = 4;
const EVENT = 5;

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

/** What the lines look like. */
export interface PlainOptions {
  /** the byte between fields */
  readonly delimiter: number;
  readonly width: number;
  /** whether `"` has a meaning */
  readonly quoted: boolean;
  readonly roles: Pick<Roles, 'user' | 'item' | 'rating' | 'timestamp' | 'event'>;
}

/**
 * Reads lines of plain fields as bytes: ids, and whole and decimal numbers, with or without quotes around them. Whatever
 * else stands in a line (doubled quotes, letters beyond ASCII, ids with blanks, missing fields …) goes to the slow way as a whole, so that one place decides
 * what such a line means.
 */
export class PlainRows {
  readonly #target: PlainTarget;
  readonly #slow: SlowLines;
  readonly #quoted: boolean;
  /** what ends a field, and what ends one within quotes */
  readonly #stops: Uint8Array;
  readonly #quoteStops: Uint8Array;
  readonly #roles: Uint8Array;
  readonly #hasTime: boolean;
  readonly #users = new ByteIds();
  readonly #items = new ByteIds();
  readonly #events = new ByteIds();
  /** a block with a line end and padding behind it */
  #bytes = new Uint8Array(0);
  #view = new DataView(new ArrayBuffer(0));

  constructor({ delimiter, width, quoted, roles }: PlainOptions, target: PlainTarget, slow: SlowLines) {
    this.#target = target;
    this.#slow = slow;
    // Letters beyond ASCII, and control characters, which no id has.
    this.#stops = new Uint8Array(256).fill(SLOW, 128).fill(SLOW, 0, TAB);
    this.#stops[delimiter] = DELIMITER;
    this.#stops[LF] = LINE_FEED;
    this.#stops[CR] = RETURN;
    if (quoted) this.#stops[QUOTE] = SLOW;
    this.#quoted = quoted;
    this.#quoteStops = this.#stops.slice();
    this.#quoteStops[delimiter] = 0;
    this.#roles = new Uint8Array(width);
    this.#roles[roles.user] = USER;
    this.#roles[roles.item] = ITEM;
    if (roles.rating >= 0) this.#roles[roles.rating] = VALUE;
    if (roles.event >= 0) this.#roles[roles.event] = EVENT;
    this.#hasTime = roles.timestamp >= 0;
    if (this.#hasTime) this.#roles[roles.timestamp] = TIME;
  }

  take({ bytes: block, line: firstLine }: Block): void {
    this.#copy(block);
    let line = firstLine;
    let lines = 0;
    for (let at = 0; at < block.length; line++) {
      const next = this.#slow.isOpen ? -1 : this.#row(at);
      if (next > 0) {
        lines++;
        at = next;
        continue;
      }
      const stop = this.#bytes.indexOf(LF, at);
      this.#slow.line(this.#bytes.subarray(at, stop), line);
      at = stop + 1;
    }
    this.#target.counted(lines);
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

  /** Takes the line that begins at `start` and says where the next one does; −1 if it is not plain. */
  #row(start: number): number {
    const bytes = this.#bytes;
    const stops = this.#stops;
    const roles = this.#roles;
    const last = roles.length - 1;
    let at = start;
    let user = -1;
    let item = -1;
    let event = -1;
    let value = Number.NaN;
    let timeNumber = Number.NaN;
    for (let column = 0; column <= last; column++) {
      const isQuoted = this.#quoted && bytes[at] === QUOTE;
      if (isQuoted) at++;
      const from = at;
      const role = roles[column];
      if (role === VALUE || role === TIME) {
        at = this.#number(at);
        if (at < 0) return -1;
        if (role === VALUE) value = this.#value;
        else timeNumber = this.#value;
      } else {
        const ends = isQuoted ? this.#quoteStops : stops;
        while (ends[bytes[at]] === 0) at++;
        if (role !== SKIP) {
          const index = this.#index(role, from, at);
          if (index < 0) return -1;
          if (role === USER) user = index;
          else if (role === ITEM) item = index;
          else event = index;
        }
      }
      // A doubled quote is followed by no delimiter, and leaves the line to the slow way.
      if (isQuoted && bytes[at++] !== QUOTE) return -1;
      if (bytes[at] === CR && bytes[at + 1] === LF) at++;
      if (stops[bytes[at]] !== (column === last ? LINE_FEED : DELIMITER)) return -1;
      at++;
    }
    // Asked last, when the line is known to be plain, because the times are counted.
    const time = this.#hasTime ? this.#target.seconds(timeNumber) : Number.NaN;
    if (this.#hasTime && Number.isNaN(time)) return -1;
    this.#target.push(user, item, value, time, event);
    return at;
  }

  /** What `#number` has read. */
  #value = 0;

  /** Reads digits with or without a point, as `Number` does, and says where they end; −1 for anything else. */
  #number(from: number): number {
    const bytes = this.#bytes;
    const isNegative = bytes[from] === MINUS;
    const start = isNegative ? from + 1 : from;
    let at = start;
    let whole = 0;
    for (let digit = bytes[at] - ZERO; digit >= 0 && digit <= 9; digit = bytes[++at] - ZERO)
      whole = 10 * whole + digit;
    let digits = at - start;
    let places = 0;
    if (bytes[at] === POINT) {
      const point = at++;
      for (let digit = bytes[at] - ZERO; digit >= 0 && digit <= 9; digit = bytes[++at] - ZERO)
        whole = 10 * whole + digit;
      places = at - point - 1;
      digits += places;
    }
    if (digits === 0 || digits > MOST_DIGITS) return -1;
    // Both numbers are exact, so that their quotient is rounded once, as in Number.
    const size = places > 0 ? whole / POWERS[places] : whole;
    this.#value = isNegative ? -size : size;
    return at;
  }

  /** The index of the id in bytes from … to−1, all of them ASCII; −1 if it takes a closer look. */
  #index(role: number, from: number, to: number): number {
    if (from === to) return -1;
    const known = role === USER ? this.#users : role === ITEM ? this.#items : this.#events;
    const found = known.find(this.#view, from, to);
    if (found >= 0) return found;
    let id = '';
    for (let at = from; at < to; at++) id += String.fromCharCode(this.#bytes[at]);
    const index = this.#targetIndex(role, id);
    if (index >= 0) known.add(this.#view, from, to, index);
    return index;
  }

  #targetIndex(role: number, id: string): number {
    if (role === USER) return this.#target.userIndex(id);
    return role === ITEM ? this.#target.itemIndex(id) : this.#target.eventIndex(id);
  }
}

/** Digits that a float64 holds without rounding. */
const MOST_DIGITS = 15;
const POWERS = Float64Array.from({ length: MOST_DIGITS + 1 }, (_, n) => Number(`1e${n}`));
