import { OptionError } from '../../errors.ts';
import {
  type AttributeTypes,
  checkedTest,
  checkedWhere,
  type Operand,
  typeOf,
  type WhereTree,
} from './expression.ts';

/** A word, a number, an operator or a text in quotes. */
interface Token {
  readonly kind: 'word' | 'quoted' | 'symbol';
  readonly text: string;
  readonly at: number;
}

const SYMBOLS: Readonly<Record<string, string>> = {
  '=': 'eq',
  '==': 'eq',
  '!=': 'ne',
  '<>': 'ne',
  '<=': 'lte',
  '>=': 'gte',
  '<': 'lt',
  '>': 'gt',
};
const TOKEN =
  /\s*(?:(==|!=|<>|<=|>=|[=<>(),])|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|`([^`]*)`|([^\s=<>!(),"'`]+))/y;
/** Nesting beyond this is refused, before it could exhaust the stack. */
const MOST_DEPTH = 32;

/**
 * The expression that a text stands for: `category = Books and price < 20 and not tags has used`, or JSON. Words that are no
 * plain ones stand in quotes, names of columns in backticks; `in (a, b)`, `not in (a, b)`, `exists`, `missing`, `or` and
 * brackets work as in SQL, a comma is an `and`.
 *
 * @param types values are read as the columns have them
 * @throws {OptionError} for what is no expression, saying where, and as `checkedWhere`
 */
export function parseWhere(text: string, types: AttributeTypes): WhereTree {
  if (text.trimStart().startsWith('{')) {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (error) {
      refuse(`expected JSON, received ${text.slice(0, 80)} (${(error as Error).message})`);
    }
    return checkedWhere(json, types);
  }
  const parser = new Parser(tokensOf(text), text, types);
  const tree = parser.either(0);
  parser.end();
  return tree;
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== '') {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match)
      refuse(
        `expected an expression, received ${JSON.stringify(text.slice(at, at + 40))} at character ${at}`,
      );
    const [, symbol, double, single, column, word] = match!;
    const quoted = double ?? single;
    if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol, at });
    else if (quoted !== undefined) tokens.push({ kind: 'quoted', text: quoted.replace(/\\(.)/g, '$1'), at });
    else tokens.push({ kind: column === undefined ? 'word' : 'quoted', text: column ?? word, at });
  }
  return tokens;
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #text: string;
  readonly #types: AttributeTypes;
  #next = 0;

  constructor(tokens: readonly Token[], text: string, types: AttributeTypes) {
    this.#tokens = tokens;
    this.#text = text;
    this.#types = types;
  }

  /** a or b or … */
  either(depth: number): WhereTree {
    if (depth > MOST_DEPTH) refuse(`expected at most ${MOST_DEPTH} levels of brackets, received more`);
    const parts = [this.#both(depth)];
    while (this.#takes('or')) parts.push(this.#both(depth));
    return parts.length === 1 ? parts[0] : { kind: 'or', parts };
  }

  /** Nothing may follow. */
  end(): void {
    if (this.#peek()) this.#refuse('and, or, or the end');
  }

  /** a and b and … */
  #both(depth: number): WhereTree {
    const parts = [this.#one(depth)];
    while (this.#takes('and') || this.#takes(',')) parts.push(this.#one(depth));
    return parts.length === 1 ? parts[0] : { kind: 'and', parts };
  }

  #one(depth: number): WhereTree {
    if (this.#takes('not')) return { kind: 'not', part: this.#one(depth + 1) };
    if (this.#takes('(')) {
      const tree = this.either(depth + 1);
      if (!this.#takes(')')) this.#refuse('a closing bracket');
      return tree;
    }
    return this.#comparison();
  }

  #comparison(): WhereTree {
    const name = this.#word('a column');
    const type = typeOf(name, this.#types);
    const test = (operator: string, operand: unknown) => checkedTest(name, type, operator, operand);
    const symbol = this.#peek();
    if (symbol?.kind === 'symbol' && Object.hasOwn(SYMBOLS, symbol.text)) {
      this.#next++;
      const operator = SYMBOLS[symbol.text];
      if (type === 'tags' && operator === 'eq') return test('has', this.#word('a value'));
      return test(operator, this.#value(name));
    }
    if (this.#takes('exists')) return test('exists', true);
    if (this.#takes('missing')) return test('exists', false);
    if (this.#takes('has')) return test('has', this.#word('a value'));
    const isNot = this.#takes('not');
    if (!this.#takes('in')) this.#refuse(`=, !=, <, <=, >, >=, in, has, exists or missing after ${name}`);
    const list = this.#list(name);
    if (type !== 'tags') return test(isNot ? 'nin' : 'in', list);
    return isNot ? { kind: 'not', part: test('hasAny', list) } : test('hasAny', list);
  }

  #list(name: string): Operand[] {
    if (!this.#takes('(')) this.#refuse('an opening bracket');
    const values = [this.#value(name)];
    while (this.#takes(',')) values.push(this.#value(name));
    if (!this.#takes(')')) this.#refuse('a comma or a closing bracket');
    return values;
  }

  #value(name: string): Operand {
    const type = typeOf(name, this.#types);
    return operandOf(this.#word('a value'), type === 'tags' ? 'text' : type);
  }

  #word(what: string): string {
    const token = this.#peek();
    if (!token || token.kind === 'symbol') this.#refuse(what);
    this.#next++;
    return token!.text;
  }

  #takes(text: string): boolean {
    const token = this.#peek();
    if (!token || token.kind === 'quoted' || token.text.toLowerCase() !== text) return false;
    this.#next++;
    return true;
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#next];
  }

  #refuse(expected: string): never {
    const token = this.#peek();
    const received = token ? `${JSON.stringify(token.text)} at character ${token.at}` : 'the end';
    return refuse(`expected ${expected}, received ${received} of ${JSON.stringify(this.#text.slice(0, 80))}`);
  }
}

/** A value as a column of a type has it; a text where it is none of that type, which the check then refuses. */
function operandOf(text: string, type: 'number' | 'boolean' | 'text'): Operand {
  if (type === 'number') return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

/**
 * The expression that parameters of a query stand for: `category=Books`, `price.lt=20`, `tags.has=new`; a parameter that
 * stands there several times, or has commas after `.in`, is a list.
 *
 * @throws {OptionError} as `checkedWhere`
 */
export function whereFromQuery(
  parameters: Iterable<readonly [string, string]>,
  types: AttributeTypes,
): WhereTree {
  const given = new Map<string, string[]>();
  for (const [name, value] of parameters) given.set(name, [...(given.get(name) ?? []), value]);
  const parts = [...given].map(([name, values]) => {
    const dot = Object.hasOwn(types, name) ? -1 : name.lastIndexOf('.');
    const column = dot < 0 ? name : name.slice(0, dot);
    const type = typeOf(column, types);
    const plain = type === 'tags' ? 'has' : 'eq';
    const operator =
      dot < 0 ? (values.length > 1 ? (type === 'tags' ? 'hasAny' : 'in') : plain) : name.slice(dot + 1);
    const isList = ['in', 'nin', 'hasAny', 'hasAll'].includes(operator);
    const wanted = operator === 'exists' ? 'boolean' : type === 'tags' ? 'text' : type;
    if (!isList && values.length > 1) refuse(`expected ${name} once, received it ${values.length} times`);
    const texts = isList ? values.flatMap((value) => (dot < 0 ? [value] : value.split(','))) : values;
    const operands = texts.map((text) => operandOf(text, wanted));
    return checkedTest(column, type, operator, isList ? operands : operands[0]);
  });
  return parts.length === 1 ? parts[0] : { kind: 'and', parts };
}

function refuse(problem: string): never {
  throw new OptionError('where', problem, "Write e.g. category = 'Books' and price < 20", 'where');
}
