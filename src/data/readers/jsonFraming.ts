import { FormatError } from '../../errors.ts';

/** The most characters of one value, so that a bracket that never closes ends before memory does. */
const MOST_CHARACTERS = 1 << 28;

const QUOTE = 34;
const BACKSLASH = 92;
const LF = 10;

/**
 * Cuts a JSON text into values without parsing it: the elements of an array, or values one after the other. Pieces may
 * be cut anywhere.
 */
export class ValueFramer {
  readonly #take: (text: string, line: number) => void;
  #isArray: boolean | null = null;
  /** of brackets within a value */
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  #parts: string[] = [];
  #length = 0;
  #isBlank = true;
  #line = 1;
  #startLine = 1;

  /** @param take the text of a value and the line where it begins */
  constructor(take: (text: string, line: number) => void) {
    this.#take = take;
  }

  get isArray(): boolean {
    return this.#isArray === true;
  }

  /** @param line the number of the text's first line */
  push(text: string, line: number): void {
    this.#line = line;
    let start = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === LF) this.#line++;
      if (this.#inString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (code === BACKSLASH) this.#isEscaped = true;
        else if (code === QUOTE) this.#inString = false;
        continue;
      }
      if (code <= 32) continue;
      if (this.#isArray === null) {
        this.#isArray = code === 91;
        if (this.#isArray) {
          start = at + 1;
          continue;
        }
      }
      const isClosing = code === 93 || code === 125;
      const isBetween = this.#depth === 0 && (code === 44 || isClosing);
      if (!isBetween && this.#isBlank) {
        this.#isBlank = false;
        this.#startLine = this.#line;
        start = at;
      }
      if (code === QUOTE) this.#inString = true;
      else if (code === 91 || code === 123) this.#depth++;
      else if (isClosing && this.#depth > 0) {
        this.#depth--;
        if (this.#depth === 0) start = this.#cut(text, start, at + 1);
      } else if (isBetween) start = this.#cut(text, start, at) + 1;
    }
    this.#keep(text.slice(start));
  }

  /** Hands over what is left: a value that is not closed. */
  end(): void {
    this.#cut('', 0, 0);
  }

  /** Ends a value at `end` and returns where the next one may begin. */
  #cut(text: string, start: number, end: number): number {
    this.#keep(text.slice(start, end));
    const value = this.#parts.join('');
    const isBlank = this.#isBlank;
    this.#parts = [];
    this.#length = 0;
    this.#isBlank = true;
    if (!isBlank && value.trim() !== '') this.#take(value, this.#startLine);
    return end;
  }

  #keep(part: string): void {
    if (this.#isBlank || part === '') return;
    this.#length += part.length;
    if (this.#length > MOST_CHARACTERS) throw tooLong();
    this.#parts.push(part);
  }
}

function tooLong(): FormatError {
  const problem = `expected JSON values of at most ${MOST_CHARACTERS} characters, received a longer one`;
  return new FormatError('JSON', problem, 'Check that its brackets close, or write one object a line');
}
