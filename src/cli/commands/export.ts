import type { Command } from 'commander';
import { OptionError } from '../../errors.ts';
import { writeNpy } from '../../format/npy.ts';
import { readBytes, writeAtomic } from '../../node/files.ts';
import { decodeModel } from '../../serve.ts';
import { oneOf, text } from '../args/arguments.ts';
import { add, addOutputOptions, type OutputOptions } from '../args/command.ts';
import { print, printJson } from '../output.ts';
import { checkOutputs } from '../outputFile.ts';
import { RowsFile } from '../rowsFile.ts';
import { VERSION } from '../version.ts';
import { exportModel } from './exportModel.ts';

interface ExportArguments extends Partial<OutputOptions> {
  readonly to: (typeof FORMS)[number];
  readonly out: string;
  readonly rescore?: 'f16' | 'f32';
  readonly users: boolean;
}

const FORMS = ['npy', 'csv', 'parquet', 'f16', 'int8'] as const;

const HELP = `
Writes OUT.items.npy with OUT.items.ids.txt and, where the model has users, OUT.users.npy with OUT.users.ids.txt: row n
belongs to the id in line n. As csv and parquet the ids stand beside the numbers, in OUT.items.csv and OUT.users.csv.
As f16 or int8 it writes a smaller model, OUT.safetensors, and says how much of the lists of ten it keeps.

Examples:
  $ llminit export model.safetensors --to npy --out factors
  $ llminit export model.safetensors --to int8 --no-users --out small.safetensors
`;

/** Adds the command `export`. */
export function addExport(program: Command): void {
  const command = program.command('export').description('write the factors of a model with their ids');
  command.argument('<model>', 'a model file');
  add(command, '--to <form>', FORMS.join(' | '), oneOf('--to', FORMS), 'npy');
  add(command, '--out <prefix>', 'what the names of the files begin with', text('--out'), 'factors');
  add(
    command,
    '--rescore <type>',
    'rows kept beside int8, for exact lists: f16 | f32',
    oneOf('--rescore', ['f16', 'f32'] as const),
  );
  command.option('--no-users', 'with f16 and int8: leave users out, for strangers only');
  addOutputOptions(command, false).addHelpText('after', HELP);
  command.action((model: string) => exportAs(model, command.opts<ExportArguments>()));
}

async function exportAs(path: string, args: ExportArguments): Promise<void> {
  const { to, rescore, users } = args;
  if (to === 'f16' || to === 'int8') {
    await exportModel(path, { ...args, to });
    return;
  }
  if (rescore === undefined && users) {
    await exportFactors(path, { ...args, to });
    return;
  }
  const flag = rescore === undefined ? '--no-users' : '--rescore';
  throw new OptionError(
    flag,
    `expected --to f16 or int8 beside it, received ${to}`,
    `Leave ${flag} out: nothing reads it`,
  );
}

/** Forms that hold the factors alone. */
type FactorForm = Exclude<ExportArguments['to'], 'f16' | 'int8'>;

interface Table {
  readonly name: string;
  readonly ids: readonly string[];
  readonly factors: Float32Array;
}

async function exportFactors(
  path: string,
  { to, out, json }: ExportArguments & { readonly to: FactorForm },
): Promise<void> {
  const { userIds, itemIds, userFactors, itemFactors, dim } = decodeModel(await readBytes(path), path);
  if (dim === 0) {
    throw new OptionError(
      'export',
      `expected a model with factors, received ${path}, which has none`,
      'Export another',
    );
  }
  const tables: Table[] = [{ name: 'items', ids: itemIds, factors: itemFactors }];
  if (userFactors) tables.push({ name: 'users', ids: userIds, factors: userFactors });
  const names = tables.flatMap(({ name }) =>
    to === 'npy' ? [`${out}.${name}.npy`, `${out}.${name}.ids.txt`] : [`${out}.${name}.${to}`],
  );
  await checkOutputs(Object.fromEntries(names.map((name) => [name, name])), { files: { '<model>': path } });
  for (const table of tables) await writeTable(table, dim, to, `${out}.${table.name}`);
  const shapes = tables.map(({ name, ids }) => ({ table: name, rows: ids.length, dim }));
  if (json) printJson({ command: 'export', version: VERSION, to, files: names, tables: shapes });
  else
    print(
      `wrote ${names.join(', ')}: ${shapes.map(({ table, rows }) => `${rows} ${table}`).join(', ')}, dim ${dim}`,
    );
}

async function writeTable({ ids, factors }: Table, dim: number, to: FactorForm, prefix: string) {
  if (to === 'npy') {
    await writeAtomic(`${prefix}.npy`, writeNpy(factors, [ids.length, dim]));
    await writeAtomic(`${prefix}.ids.txt`, new TextEncoder().encode(ids.map((id) => `${id}\n`).join('')));
    return;
  }
  const columns = ['id', ...Array.from({ length: dim }, (_, n) => `f${n}`)];
  const file = new RowsFile(columns, to);
  for (const [row, id] of ids.entries()) file.add([id, ...factors.subarray(row * dim, (row + 1) * dim)]);
  await file.write(`${prefix}.${to}`);
}
