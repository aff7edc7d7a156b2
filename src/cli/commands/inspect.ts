import type { Command } from 'commander';
import { decodeSafetensors } from '../../format/safetensors.ts';
import { readBytes } from '../../node/files.ts';
import { SERVING_TARGETS, type ServingTarget } from '../../serve/targets.ts';
import { decodeModel } from '../../serve.ts';
import { oneOf } from '../args/arguments.ts';
import { add, addOutputOptions, type OutputOptions } from '../args/command.ts';
import { print, printJson } from '../output.ts';
import { tableText } from '../tables.ts';
import { VERSION } from '../version.ts';
import { reportPlan } from './servingPlan.ts';

interface InspectArguments extends Partial<OutputOptions> {
  readonly target?: ServingTarget;
}

const HELP = `
With --target it says whether a platform can serve the model: bytes, memory and estimated processor time beside the
limits that the platform publishes, and what would make it fit.

Example:
  $ llminit inspect model.safetensors --target cloudflare-free
`;

/** Adds the command `inspect`. */
export function addInspect(program: Command): void {
  const command = program.command('inspect').description('what a model file holds and how it was made');
  command.argument('<model>', 'a model file');
  add(command, '--target <platform>', SERVING_TARGETS.join(' | '), oneOf('--target', SERVING_TARGETS));
  command.addHelpText('after', HELP);
  addOutputOptions(command, false);
  command.action((model: string) => inspect(model, command.opts<InspectArguments>()));
}

async function inspect(path: string, { json, target }: InspectArguments): Promise<void> {
  const bytes = await readBytes(path);
  if (target !== undefined) {
    reportPlan(path, bytes, target, json);
    return;
  }
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
