import { OptionError, shown } from '../../errors.ts';

/** Turns the text of one option into its value, or throws. */
export type Parser<T> = (text: string) => T;

const INTEGER = /^[+-]?\d+$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** @throws {OptionError} from the parser, unless the text is an integer ≥ `least` */
export function integer(flag: string, least: number): Parser<number> {
  return (text) => {
    const value = INTEGER.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= least) return value;
    return refuse(flag, `an integer ≥ ${least}`, text);
  };
}

/** @throws {OptionError} from the parser, unless the text is a finite number that `allows` accepts */
export function decimal(
  flag: string,
  expected = 'a number',
  allows: (value: number) => boolean = () => true,
): Parser<number> {
  return (text) => {
    const value = NUMBER.test(text) ? Number(text) : Number.NaN;
    if (Number.isFinite(value) && allows(value)) return value;
    return refuse(flag, expected, text);
  };
}

/** @throws {OptionError} from the parser, unless the text is one of `choices` */
export function oneOf<T extends string>(flag: string, choices: readonly T[]): Parser<T> {
  return (text) => choices.find((choice) => choice === text) ?? refuse(flag, choices.join(' | '), text);
}

/** Comma-separated values, each once. @throws {OptionError} from the parser, for an empty or repeated value */
export function listOf<T>(flag: string, parse: Parser<T>): Parser<T[]> {
  return (text) => {
    const parts = text.split(',').map((part) => part.trim());
    if (parts.includes('')) refuse(flag, 'values separated by commas', text);
    const values = parts.map(parse);
    if (new Set(values).size < values.length) refuse(flag, 'each value once', text);
    return values;
  };
}

/** Any text that is not blank. @throws {OptionError} from the parser otherwise */
export function text(flag: string): Parser<string> {
  return (value) => (value.trim() === '' ? refuse(flag, 'a value', value) : value);
}

function refuse(flag: string, expected: string, received: string): never {
  throw new OptionError(flag, `expected ${expected}, received ${shown(received)}`, 'See --help');
}
