import { OptionError, shown } from '../../errors.ts';
import { number as aNumber, integer as anInteger } from '../../options/builders.ts';
import { didYouMean } from '../../options/nearest.ts';

/** Turns the text of one option into its value, or throws. */
export type Parser<T> = (text: string) => T;

/** @throws {OptionError} from the parser, unless the text is an integer from `least` to `most` */
export function integer(flag: string, least: number, most?: number): Parser<number> {
  const { parse, range } = anInteger({ about: flag, min: least, max: most });
  return (text) => parse(text) ?? refuse(flag, range, text);
}

/** @throws {OptionError} from the parser, unless the text is a finite number that `allows` accepts */
export function decimal(
  flag: string,
  expected = 'a number',
  allows: (value: number) => boolean = () => true,
): Parser<number> {
  const { parse } = aNumber({ about: flag });
  return (text) => {
    const value = parse(text);
    return value !== undefined && allows(value) ? value : refuse(flag, expected, text);
  };
}

/** @throws {OptionError} from the parser, unless the text is one of `choices` */
export function oneOf<T extends string>(flag: string, choices: readonly T[]): Parser<T> {
  return (text) => {
    const found = choices.find((choice) => choice === text);
    return found ?? refuse(flag, choices.join(' | '), text, didYouMean(text, choices, SEE_HELP));
  };
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

const SEE_HELP = 'See --help';

function refuse(flag: string, expected: string, received: string, remedy = SEE_HELP): never {
  throw new OptionError(flag, `expected ${expected}, received ${shown(received)}`, remedy);
}
