import type { Command } from 'commander';
import { OptionError, shown } from '../../errors.ts';
import type { Descriptors, OptionDescriptor } from '../../options/descriptor.ts';
import { didYouMean } from '../../options/nearest.ts';
import { NamedOption } from './command.ts';

/** An option of the library that has a flag: its name there, e.g. `optimizer.learningRate`, and what declares it. */
interface Flagged {
  readonly path: string;
  readonly flag: string;
  readonly descriptor: OptionDescriptor;
}

/**
 * Adds a flag for every option that has one. Defaults stand in the help text only, so that an option that was given can
 * be told from one that was not.
 */
export function addDescribed(command: Command, descriptors: Descriptors): Command {
  for (const { path, flag, descriptor } of flagged(descriptors)) {
    const option = new NamedOption(flag, helpText(flag, descriptor));
    option.sets = [path];
    if (descriptor.type !== 'boolean') option.argParser((text: string) => parsed(option, descriptor, text));
    command.addOption(option);
  }
  return command;
}

/** The options of the library that flags of a command line stand for, nested as the library has them. */
export function describedValues(
  args: Readonly<Record<string, unknown>>,
  descriptors: Descriptors,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const { path, value } of givenFlags(args, descriptors)) {
    const [name, field] = path.split('.');
    if (field === undefined) values[name] = value;
    else values[name] = { ...(values[name] as object | undefined), [field]: value };
  }
  return values;
}

/** What flags stand for, by the names of the command line, defaults included. */
export function flagValues(
  args: Readonly<Record<string, unknown>>,
  descriptors: Descriptors,
): Record<string, unknown> {
  const given = new Map(givenFlags(args, descriptors).map(({ path, value }) => [path, value]));
  return Object.fromEntries(
    flagged(descriptors).map(({ path, flag, descriptor }) => [
      attributeOf(flag),
      given.get(path) ?? descriptor.default,
    ]),
  );
}

function givenFlags(
  args: Readonly<Record<string, unknown>>,
  descriptors: Descriptors,
): { path: string; value: unknown }[] {
  return flagged(descriptors).flatMap(({ path, flag, descriptor }) => {
    const value = args[attributeOf(flag)];
    // What --no-x turns off is on without having been given.
    const byDefault = value === undefined || (descriptor.type === 'boolean' && value === descriptor.default);
    return byDefault ? [] : [{ path, value }];
  });
}

/** `--batch` of an option with a flag. */
export function longFlag({ flag }: Pick<OptionDescriptor, 'flag'>): string {
  return new NamedOption(flag!).long!;
}

function attributeOf(flag: string): string {
  return new NamedOption(flag).attributeName();
}

/** Options with a flag, those inside objects included. */
function flagged(descriptors: Descriptors, prefix = ''): Flagged[] {
  return Object.entries(descriptors).flatMap(([name, descriptor]) => {
    const path = `${prefix}${name}`;
    if (descriptor.fields) return flagged(descriptor.fields, `${path}.`);
    return descriptor.flag === undefined ? [] : [{ path, flag: descriptor.flag, descriptor }];
  });
}

function helpText(flag: string, descriptor: OptionDescriptor): string {
  const { type, range, default: byDefault, defaultText, readBy = {} } = descriptor;
  const about = flag.startsWith('--no-') ? `do not ${descriptor.about}` : descriptor.about;
  const choices = type === 'choice' ? `: ${range}` : '';
  const readers = Object.values(readBy).map((names) => `for ${names.join(', ')}`);
  const shownDefault =
    defaultText ?? (byDefault === undefined || type === 'boolean' ? null : String(byDefault));
  const notes = [...readers, ...(shownDefault === null ? [] : [`default: ${shownDefault}`])];
  return `${about}${choices}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`;
}

function parsed({ long }: NamedOption, descriptor: OptionDescriptor, text: string): unknown {
  const value = descriptor.parse(text);
  if (value !== undefined) return value;
  const choices = descriptor.type === 'choice' ? descriptor.range.split(' | ') : [];
  const remedy = didYouMean(text, choices, 'See --help');
  throw new OptionError(long!, `expected ${descriptor.range}, received ${shown(text)}`, remedy);
}
