import type { Roles } from './roles.ts';

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
export const USER = 1;
export const ITEM = 2;
const VALUE = 3;
const TIME = 4;
export const EVENT = 5;

/** Numbers that `places` holds of a row: begin and end of the line; then begin, end and hash of user, item and event. */
export const PLACES = 12;
export const USER_PLACE = 2;
export const ITEM_PLACE = 5;
/** Where those of a role stand, by the role. */
export const PLACE_OF = Uint8Array.of(0, USER_PLACE, ITEM_PLACE, 0, 0, 8);

/** What the lines look like. */
export interface PlainOptions {
  /** the byte between fields */
  readonly delimiter: number;
  readonly width: number;
  /** whether `"` has a meaning */
  readonly quoted: boolean;
  readonly roles: Pick<Roles, 'user' | 'item' | 'rating' | 'timestamp' | 'event'>;
}

/** Cuts lines of plain fields, in bytes, and reads their numbers. */
export class RowCutter {
  /** of each row that is cut what `PLACES` says */
  readonly places: Int32Array;
  readonly values: Float64Array;
  readonly times: Float64Array;
  readonly hasTime: boolean;
  readonly hasEvent: boolean;
  readonly #quoted: boolean;
  /** what ends a field, and what ends one within quotes */
  readonly #stops: Uint8Array;
  readonly #quoteStops: Uint8Array;
  readonly #roles: Uint8Array;

  /** @param rows how many rows it holds */
  constructor({ delimiter, width, quoted, roles }: PlainOptions, rows: number) {
    this.places = new Int32Array(PLACES * rows);
    this.values = new Float64Array(rows);
    this.times = new Float64Array(rows);
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
    this.hasEvent = roles.event >= 0;
    if (this.hasEvent) this.#roles[roles.event] = EVENT;
    this.hasTime = roles.timestamp >= 0;
    if (this.hasTime) this.#roles[roles.timestamp] = TIME;
  }

  /**
   * Cuts the line that begins at `start` into its fields and says where the next one does; −1 if it is not plain.
   *
   * @param bytes with a line end behind the last line
   * @param n which row it is to be
   */
  cut(bytes: Uint8Array, start: number, n: number): number {
    const stops = this.#stops;
    const roles = this.#roles;
    const places = this.places;
    const last = roles.length - 1;
    const row = PLACES * n;
    let at = start;
    let value = Number.NaN;
    let time = Number.NaN;
    for (let column = 0; column <= last; column++) {
      const isQuoted = this.#quoted && bytes[at] === QUOTE;
      if (isQuoted) at++;
      const from = at;
      const role = roles[column];
      if (role === VALUE || role === TIME) {
        at = this.#number(bytes, at);
        if (at < 0) return -1;
        if (role === VALUE) value = this.#value;
        else time = this.#value;
      } else {
        const ends = isQuoted ? this.#quoteStops : stops;
        while (ends[bytes[at]] === 0) at++;
        if (role !== SKIP) {
          if (at === from) return -1;
          const place = row + PLACE_OF[role];
          places[place] = from;
          places[place + 1] = at;
        }
      }
      // A doubled quote is followed by no delimiter, and leaves the line to the slow way.
      if (isQuoted && bytes[at++] !== QUOTE) return -1;
      if (bytes[at] === CR && bytes[at + 1] === LF) at++;
      if (stops[bytes[at]] !== (column === last ? LINE_FEED : DELIMITER)) return -1;
      at++;
    }
    places[row] = start;
    places[row + 1] = at;
    this.values[n] = value;
    this.times[n] = time;
    return at;
  }

  /** What `#number` has read. */
  #value = 0;

  /** Reads digits with or without a point, as `Number` does, and says where they end; −1 for anything else. */
  #number(bytes: Uint8Array, from: number): number {
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
}

/** Digits that a float64 holds without rounding. */
const MOST_DIGITS = 15;
const POWERS = Float64Array.from({ length: MOST_DIGITS + 1 }, (_, n) => Number(`1e${n}`));
