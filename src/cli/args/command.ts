import { type Command, Option } from 'commander';
import type { Parser } from './arguments.ts';

/** An option of the command line that sets options of the library, by their names there. */
export class NamedOption extends Option {
  sets: readonly string[] = [];
  /** Whether its texts are joined by commas where it is given several times. */
  joins = false;
}

/**
 * Adds one option whose text is parsed; `fallback` is its default.
 * @param sets what it sets in the library, where that has another name
 */
export function add<T>(
  command: Command,
  flags: string,
  description: string,
  parse: Parser<T>,
  fallback?: T,
  sets: readonly string[] = [],
): Command {
  const option = new NamedOption(flags, description);
  option.argParser<T>(parse);
  option.sets = sets;
  if (fallback !== undefined)
    option.default(fallback, Array.isArray(fallback) ? fallback.join(',') : undefined);
  return command.addOption(option);
}

/** Adds an option that may be given several times, with one entry of a list or several, separated by commas, each. */
export function addList(
  command: Command,
  flags: string,
  description: string,
  parse: Parser<string>,
): Command {
  const option = new NamedOption(flags, description);
  option.argParser<string>((text, before) => {
    const entry = parse(text);
    return before === undefined ? entry : `${before},${entry}`;
  });
  option.joins = true;
  return command.addOption(option);
}

/**
 * The flag of a command that sets an option of the library, or the flags that were given of those that set its fields;
 * undefined where it has none.
 */
export function flagOf(command: Command | undefined, name: string | undefined): string | undefined {
  if (command === undefined || name === undefined) return undefined;
  const namesOf = (option: Option) => (option instanceof NamedOption ? option.sets : []);
  const exact = command.options.find(
    (option) => option.attributeName() === name || namesOf(option).includes(name),
  );
  const isGiven = (option: Option) => command.getOptionValueSource(option.attributeName()) === 'cli';
  const parts = command.options.filter(
    (option) => isGiven(option) && namesOf(option).some((path) => path.startsWith(`${name}.`)),
  );
  const flags = (exact ? [exact] : parts).map(({ long, short }) => long ?? short);
  return flags.length > 0 ? flags.join(', ') : undefined;
}

/** Adds the folder of charts that a command draws. */
export function addChartsOption(command: Command): Command {
  return add(command, '--charts <folder>', 'draw charts into this folder, as SVG', (path: string) => path);
}

/** Adds the options of commands that have many, which a file may hold. */
export function addConfigOptions(command: Command): Command {
  command.optionsGroup('Configuration:');
  const value = (path: string) => path;
  add(command, '--config <file>', 'take options from this JSON file; those given here win', value);
  return add(command, '--save-config <file>', 'write the options into such a file', value);
}

/** How a command speaks. */
export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
}

/** What the flags of `addOutputOptions` say. */
export function outputOptions(command: Command): OutputOptions {
  const { json = false, quiet = false } = command.opts<Partial<OutputOptions>>();
  return { json, quiet };
}

/** Options of `OutputOptions`. */
export function addOutputOptions(command: Command, progress = true): Command {
  command.optionsGroup('Output:');
  if (progress) command.option('--quiet', 'no progress and no report of the data on stderr');
  return command.option('--json', 'one JSON document on stdout');
}
