import { type Command, Option } from 'commander';
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

/** Options of `OutputArguments`. */
export function addOutputOptions(command: Command, progress = true): Command {
  command.optionsGroup('Output:');
  if (progress) command.option('--quiet', 'no progress and no report of the data on stderr');
  return command.option('--json', 'one JSON document on stdout');
}
