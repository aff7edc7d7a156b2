import type { Command } from 'commander';
import { decodeSafetensors } from '../../format/safetensors.ts';
import { readBytes } from '../../node/files.ts';
import { decodeModel } from '../../serve.ts';
import { addOutputOptions } from '../args/command.ts';
import type { OutputArguments } from '../args/commandArguments.ts';
import { print, printJson } from '../output.ts';
import { tableText } from '../tables.ts';
import { VERSION } from '../version.ts';

/** Adds the command `inspect`. */
export function addInspect(program: Command): void {
  const command = program.command('inspect').description('what a model file holds and how it was made');
  command.argument('<model>', 'a model file');
  addOutputOptions(command, false);
  command.action((model: string) => inspect(model, command.opts<OutputArguments>()));
}

async function inspect(path: string, { json }: OutputArguments): Promise<void> {
  const bytes = await readBytes(path);
  const { userIds, itemIds, itemTitles, dim, seen, config, metrics } = decodeModel(bytes, path);
  const { tensors: found, metadata } = decodeSafetensors(bytes, path);
  const tensors = Object.entries(found).map(([name, { dtype, shape, data }]) => {
    return { name, dtype, shape, bytes: data.byteLength };
  });
  const counts = { users: userIds.length, items: itemIds.length, dim, seen: seen?.colIdx.length ?? null };
  // decodeModel has refused a file without a checksum, or with a wrong one.
  const checksum = { value: metadata.checksum, state: 'verified' };
  const { format, version: formatVersion } = metadata;
  const about = {
    format,
    formatVersion,
    bytes: bytes.length,
    checksum,
    ...counts,
    titles: itemTitles !== null,
  };
  if (json) {
    printJson({ command: 'inspect', version: VERSION, file: path, ...about, config, metrics, tensors });
    return;
  }
  print(
    `${path}: ${format} ${formatVersion}, ${bytes.length} bytes, checksum ${checksum.value} ${checksum.state}`,
  );
  print(
    `${counts.users} users, ${counts.items} items, dim ${dim}, ${counts.seen ?? 'no'} seen items, titles: ${about.titles ? 'yes' : 'no'}`,
  );
  const rows = tensors.map(({ name, dtype, shape, bytes: size }) => [
    name,
    dtype,
    shape.join(' × '),
    `${size}`,
  ]);
  print(tableText(['tensor', 'type', 'shape', 'bytes'], rows, 2));
  for (const [heading, values] of Object.entries({ configuration: config, metrics })) {
    print(`\n${heading}`);
    for (const [name, value] of flat(values)) print(`  ${name}: ${value}`);
  }
}

/** Nested values as `data.users`-like names with short texts. */
function flat(value: object, prefix = ''): string[][] {
  return Object.entries(value).flatMap(([key, entry]: [string, unknown]) => {
    if (typeof entry === 'object' && entry !== null && !Array.isArray(entry))
      return flat(entry, `${prefix}${key}.`);
    return [[`${prefix}${key}`, typeof entry === 'string' ? entry : JSON.stringify(entry)]];
  });
}
