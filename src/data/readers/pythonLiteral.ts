import { FormatError, shown } from '../../errors.ts';
import { MAX_JSON_DEPTH } from '../../format/json.ts';
import { checkArgument, TEXT } from '../../options/arguments.ts';
import { TextPieces } from './textPieces.ts';

/**
 * What a Python literal stands for.
 *
 * @example
 * const value: PythonValue = parsePythonLiteral("['tea', None, 3.5]", 'line 1');
 * value; // → ['tea', null, 3.5]
 */
export type PythonValue =
  | string
  | number
  | boolean
  | null
  | readonly PythonValue[]
  | { readonly [key: string]: PythonValue };

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\x07',
  '0': '\0',
  '\n': '',
};

const CODES: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

const NAMES: Readonly<Record<string, boolean | number | null>> = {
  ...{ True: true, False: false, None: null },
  ...{ nan: Number.NaN, NaN: Number.NaN, inf: Number.POSITIVE_INFINITY, '-inf': Number.NEGATIVE_INFINITY },
};

/** What may stand before a string: u'…' of Python 2, b'…', r'…'. */
const PREFIX = /^(u|b|r|br|rb|ur)['"]/i;

/**
 * The value of one Python literal, as `repr` writes dicts, lists, tuples, strings, numbers, True, False and None.
 * Grammar: the Python Language Reference, §2.4 and §6.2, with u, b and r before strings, and nan and inf, without sets,
 * arithmetic and adjacent strings. Nothing is evaluated, and nothing nests deeper than `MAX_JSON_DEPTH`.
 *
 * @param where file and line, for errors
 * @throws {FormatError} saying what stood at which position instead
 * @example
 * parsePythonLiteral("{'id': 7, 'tags': ['new', None]}", 'products.json:1'); // → { id: 7, tags: ['new', null] }
 */
export function parsePythonLiteral(text: string, where: string): PythonValue {
  checkArgument(TEXT, text, 'text', 'parsePythonLiteral');
  checkArgument(TEXT, where, 'where', 'parsePythonLiteral');
  const reader = new LiteralReader(text, where);
  const value = reader.value();
  reader.end();
  return value;
}

class LiteralReader {
  readonly #text: string;
  readonly #where: string;
  #at = 0;
  #depth = 0;

  constructor(text: string, where: string) {
    this.#text = text;
    this.#where = where;
  }

  value(): PythonValue {
    this.#space();
    const first = this.#text[this.#at];
    if (first === '{') return this.#nested(() => this.#dict());
    if (first === '[') return this.#nested(() => this.#sequence('[', ']'));
    if (first === '(') return this.#nested(() => this.#sequence('(', ')'));
    if (first === "'" || first === '"') return this.#string(first);
    const [prefix] = PREFIX.exec(this.#text.slice(this.#at, this.#at + 3)) ?? [''];
    if (prefix === '') return this.#word();
    this.#at += prefix.length - 1;
    return this.#string(prefix.slice(-1), /r/i.test(prefix));
  }

  end(): void {
    this.#space();
    if (this.#at < this.#text.length) this.#fail('the end of the line');
  }

  #nested(read: () => PythonValue): PythonValue {
    if (++this.#depth > MAX_JSON_DEPTH) this.#fail(`at most ${MAX_JSON_DEPTH} levels`);
    const value = read();
    this.#depth--;
    return value;
  }

  #dict(): PythonValue {
    const entries: [string, PythonValue][] = [];
    this.#at++;
    while (!this.#takes('}')) {
      const key = this.value();
      if (typeof key !== 'string') this.#fail('a string as key');
      this.#expect(':');
      entries.push([key as string, this.value()]);
      if (this.#takes(',')) continue;
      this.#expect('}');
      break;
    }
    return Object.fromEntries(entries);
  }

  #sequence(open: string, close: string): PythonValue {
    const values: PythonValue[] = [];
    this.#expect(open);
    while (!this.#takes(close)) {
      values.push(this.value());
      if (this.#takes(',')) continue;
      this.#expect(close);
      break;
    }
    return values;
  }

  #string(quote: string, isRaw = false): string {
    const text = this.#text;
    const out = new TextPieces();
    for (let from = ++this.#at; ; this.#at++) {
      const next = text[this.#at];
      if (next === undefined) this.#fail(`a closing ${quote}`);
      if (next !== quote && next !== '\\') continue;
      out.add(text.slice(from, this.#at));
      if (next === quote) break;
      out.add(isRaw ? this.#rawEscape() : this.#escape());
      from = this.#at + 1;
    }
    this.#at++;
    return out.text();
  }

  /** In a raw string a backslash stays, and so does what it stands before, a quote included. */
  #rawEscape(): string {
    const next = this.#text[++this.#at];
    if (next === undefined) this.#fail('a character after the backslash');
    return `\\${next}`;
  }

  /** Leaves #at on the last character of the escape. */
  #escape(): string {
    const kind = this.#text[++this.#at];
    if (kind === undefined) this.#fail('a character after the backslash');
    const digits = CODES[kind];
    if (digits === undefined) return ESCAPES[kind] ?? (`'"\\`.includes(kind) ? kind : `\\${kind}`);
    const code = this.#text.slice(this.#at + 1, this.#at + 1 + digits);
    if (code.length < digits || !/^[\da-f]+$/i.test(code)) this.#fail(`${digits} hexadecimal digits`);
    const point = Number.parseInt(code, 16);
    if (point > 0x10ffff) this.#fail('a code point up to 10ffff');
    this.#at += digits;
    return String.fromCodePoint(point);
  }

  #word(): PythonValue {
    const [word] = /^[\w.+-]*/.exec(this.#text.slice(this.#at, this.#at + 64))!;
    if (Object.hasOwn(NAMES, word)) {
      this.#at += word.length;
      return NAMES[word];
    }
    // Python 2 writes long integers with an L.
    const digits = word.replace(/^(\d+)L$/, '$1');
    const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(digits) ? Number(digits) : Number.NaN;
    if (!Number.isFinite(number)) this.#fail('a value');
    this.#at += word.length;
    return number;
  }

  #takes(mark: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== mark) return false;
    this.#at++;
    return true;
  }

  #expect(mark: string): void {
    if (!this.#takes(mark)) this.#fail(mark);
  }

  #space(): void {
    while (this.#at < this.#text.length && ' \t\r\n'.includes(this.#text[this.#at])) this.#at++;
  }

  #fail(expected: string): never {
    const rest = this.#text.slice(this.#at, this.#at + 20);
    const received = rest === '' ? 'the end of the line' : shown(rest);
    throw new FormatError(
      this.#where,
      `expected ${expected} at character ${this.#at + 1}, received ${received}`,
      'Check that the line is whole, or download the file again',
    );
  }
}
