import type { Command } from 'commander';
import { OptionError, shown } from '../../errors.ts';
import { readBytes } from '../../node/files.ts';

/** Adds a flag that takes ids: separated by commas, as a JSON list, from a file (`@ids.txt`), and repeated. */
export function addIdList(command: Command, flags: string, description: string): Command {
  const forms = 'separated by commas, a JSON list, or @file with an id a line; may be repeated';
  return command.option(flags, `${description}: ${forms}`, (value: string, before: string[] | undefined) => [
    ...(before ?? []),
    value,
  ]);
}

/**
 * The ids that the values of a flag mean. A value that is an id as a whole is one, commas included; others are cut at
 * commas.
 *
 * @param isId whether the model knows an id
 * @throws {OptionError} for no id, and a JSON list of anything but ids
 * @throws {DataError} for a file that cannot be read
 */
export async function idsOf(
  flag: string,
  values: readonly string[],
  isId: (id: string) => boolean,
): Promise<string[]> {
  const ids: string[] = [];
  for (const value of values) {
    if (isId(value)) ids.push(value);
    else if (value.startsWith('@')) ids.push(...(await idsInFile(flag, value.slice(1))));
    else if (value.trim().startsWith('[')) ids.push(...jsonIds(flag, value));
    else ids.push(...value.split(',').map((id) => id.trim()));
  }
  const found = ids.filter((id) => id !== '');
  if (found.length === 0) throw new OptionError(flag, `expected ids, received ${shown(values)}`, 'Name some');
  return [...new Set(found)];
}

async function idsInFile(flag: string, path: string): Promise<string[]> {
  const text = new TextDecoder().decode(await readBytes(path));
  if (text.trim().startsWith('[')) return jsonIds(flag, text);
  return text.split(/\r\n|\n|\r/).map((line) => line.trim());
}

function jsonIds(flag: string, text: string): string[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    list = null;
  }
  const isId = (id: unknown) => typeof id === 'string' || Number.isSafeInteger(id);
  if (Array.isArray(list) && list.every(isId)) return list.map(String);
  throw new OptionError(
    flag,
    `expected a JSON list of ids, received ${shown(text)}`,
    'Pass e.g. ["i7","i9"]',
  );
}
