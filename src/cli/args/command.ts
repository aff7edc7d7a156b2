import { type Command, Option } from 'commander';
import { OptionError, shown } from '../../errors.ts';
import type { OptionDescriptor } from '../../options/descriptor.ts';
import type { Parser } from './arguments.ts';

/** Adds one option whose text is parsed; `fallback` is its default. */
export function add<T>(
  command: Command,
  flags: string,
  description: string,
  parse: Parser<T>,
  fallback?: T,
): Command {
  const option = new Option(flags, description).argParser<T>(parse);
  if (fallback !== undefined)
    option.default(fallback, Array.isArray(fallback) ? fallback.join(',') : undefined);
  return command.addOption(option);
}

/** Adds the flag of an option that is described; its default stands in the help text and is left to the library. */
export function addDescribed(command: Command, descriptor: OptionDescriptor): Command {
  const { flag, about, range, type, defaultText = descriptor.default } = descriptor;
  const choices = type === 'choice' ? `, ${range}` : '';
  const fallback = defaultText === undefined ? '' : ` (default: ${defaultText})`;
  const name = flag!.split(' ')[0];
  return add(command, flag!, `${about}${choices}${fallback}`, (text) => {
    const value = descriptor.parse(text);
    if (value !== undefined) return value;
    throw new OptionError(name, `expected ${range}, received ${shown(text)}`, 'See --help');
  });
}

/** Options of `OutputArguments`. */
export function addOutputOptions(command: Command, progress = true): Command {
  command.optionsGroup('Output:');
  if (progress) command.option('--quiet', 'no progress and no report of the data on stderr');
  return command.option('--json', 'one JSON document on stdout');
}
