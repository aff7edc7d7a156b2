import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { Command, Option } from 'commander';
import { DataError, OptionError, shown } from '../../errors.ts';
import { writeAtomic } from '../../node/files.ts';
import { didYouMean } from '../../options/nearest.ts';
import type { CommandLine, Typed } from './commandLine.ts';
import { isVectorsFile } from './embedderArguments.ts';
import { isPathOption } from './pathOptions.ts';

/** Keys of a configuration beside the options of its command. */
const COMMAND = 'command';
const WORDS = 'arguments';

/** Options that no configuration has. */
const OWN: readonly string[] = ['config', 'saveConfig'];

/**
 * A command line with what a configuration says put before it, but for options that it has itself.
 *
 * @param argv with the name of the command first
 * @param command of that name, parsed without its action
 * @throws {DataError} for a file that cannot be read or is no JSON object
 * @throws {OptionError} naming a key that is unknown, or a value that its option does not take
 */
export async function withConfig(argv: readonly string[], command: Command): Promise<string[]> {
  const { config: path } = command.opts<{ config?: string }>();
  if (path === undefined) return [...argv];
  const { [COMMAND]: name = command.name(), [WORDS]: words = [], ...values } = await readConfig(path);
  if (name !== command.name()) {
    const problem = `expected a configuration of ${command.name()}, received one of ${shown(name)}`;
    throw new OptionError(
      path,
      problem,
      `Leave ${COMMAND} out, or call llminit ${command.name()} without it`,
    );
  }
  if (!isTexts(words)) refuseValue(path, WORDS, 'a list of texts', words);
  const options = optionsByName(command);
  const tokens = Object.entries(values).flatMap(([key, value]) => {
    const named = options.get(key);
    if (!named) return refuseKey(path, key, [...options.keys()]);
    const isGiven = command.getOptionValueSource(key) === 'cli';
    const found = tokensOf(named, key, value, path);
    return isGiven ? [] : found;
  });
  return [argv[0], ...(command.args.length > 0 ? [] : words), ...tokens, ...argv.slice(1)];
}

/** What a configuration does not keep: addresses with a password, or with a key in their query. */
const SECRET = /:\/\/[^\s/?#]*@|[?&][^=&\s]*(key|token|secret|sig|pass|auth)[^=&\s]*=/i;

/**
 * Writes the options of a command line as a configuration, paths from its folder.
 * @returns the flags that are left out because their values hold a secret
 */
export async function saveConfig(path: string, name: string, line: CommandLine): Promise<string[]> {
  const isSecret = ({ texts }: Typed) => texts.some((text) => SECRET.test(text));
  const kept = [...line.options].filter(([, typed]) => !isSecret(typed));
  const options = kept.map(([key, typed]): [string, unknown] => [key, savedValue(typed, path)]);
  const words = line.words.length > 0 ? { [WORDS]: line.words } : {};
  const document = { [COMMAND]: name, ...words, ...Object.fromEntries(options) };
  await writeAtomic(path, new TextEncoder().encode(`${JSON.stringify(document, null, 2)}\n`));
  return [...line.options.values()].filter(isSecret).map(({ option }) => option.long!);
}

async function readConfig(path: string): Promise<Record<string, unknown>> {
  const read = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const problem = `expected a configuration that can be read, received ${error.code ?? error.message}`;
    throw new DataError(path, problem, 'Check the path', 'config');
  });
  let value: unknown;
  try {
    value = JSON.parse(read.replace(/^\ufeff/, ''));
  } catch (error) {
    value = (error as Error).message;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  const problem = `expected a JSON object of options, received ${shown(value)}`;
  throw new DataError(path, problem, 'Write one with --save-config', 'config');
}

/** The option that sets each name, and the one with `--no-` that unsets it. */
interface Named {
  readonly sets?: Option;
  readonly unsets?: Option;
}

function optionsByName(command: Command): ReadonlyMap<string, Named> {
  const options = new Map<string, Named>();
  for (const option of command.options) {
    const name = option.attributeName();
    if (OWN.includes(name)) continue;
    options.set(name, { ...options.get(name), [option.negate ? 'unsets' : 'sets']: option });
  }
  return options;
}

/** The command line's words for a value of a configuration. */
function tokensOf({ sets, unsets }: Named, key: string, value: unknown, path: string): string[] {
  const takesText = sets !== undefined && (sets.required || sets.optional);
  if (!takesText) {
    if (typeof value !== 'boolean') return refuseValue(path, key, 'true or false', value);
    const option = value ? sets : unsets;
    return option ? [option.long!] : [];
  }
  const texts = [value].flat().map((one) => (typeof one === 'number' ? `${one}` : one));
  if (!isTexts(texts) || texts.length === 0)
    return refuseValue(path, key, 'a text, a number or a list', value);
  const from = texts.map((text) => mapPaths(sets, text, (file) => join(dirname(path), file)));
  return (sets.variadic ? from : [from.join(',')]).map((text) => `${sets.long}=${text}`);
}

/** What a configuration says for what was typed. */
function savedValue({ option, texts }: Typed, path: string): unknown {
  if (!(option.required || option.optional)) return !option.negate;
  const folder = dirname(resolve(path));
  const from = texts.map((text) => mapPaths(option, text, (file) => relative(folder, resolve(file)) || '.'));
  if (option.variadic && from.length > 1) return from;
  return from[0] === `${Number(from[0])}` ? Number(from[0]) : from[0];
}

/** A text with its relative paths changed; standard input and absolute paths stay. */
function mapPaths(option: Option, text: string, change: (path: string) => string): string {
  const changed = (file: string) => (file === '-' || isAbsolute(file) ? file : change(file));
  if (isPathOption(option)) return changed(text);
  if (option.attributeName() !== 'embedder') return text;
  const parts = text.split(',').map((part) => part.trim());
  return parts.map((part) => (isVectorsFile(part) ? changed(part) : part)).join(',');
}

function isTexts(values: unknown): values is string[] {
  return Array.isArray(values) && values.every((value) => typeof value === 'string');
}

function refuseKey(path: string, key: string, names: readonly string[]): never {
  const camel = key.replace(/^-+/, '').replace(/-+(\w)/g, (_, letter: string) => letter.toUpperCase());
  const remedy = didYouMean(camel, names, `It may have ${names.join(', ')}`);
  throw new OptionError(path, `expected options of the command, received ${shown(key)}`, remedy);
}

function refuseValue(path: string, key: string, expected: string, received: unknown): never {
  const problem = `expected ${key} to be ${expected}, received ${shown(received)}`;
  throw new OptionError(path, problem, 'Change it, or leave it out');
}
