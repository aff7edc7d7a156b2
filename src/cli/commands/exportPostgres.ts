import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type LoadStep, loadScript, loadSteps } from '../../exchange/postgres/load.ts';
import { postgresQueries } from '../../exchange/postgres/queries.ts';
import type { VectorType } from '../../exchange/postgres/tables.ts';
import { joinedBytes } from '../../format/joinedBytes.ts';
import { readBytes, writeAtomic } from '../../node/files.ts';
import { loadIntoPostgres } from '../../node/postgres.ts';
import { decodeModel } from '../../serve.ts';
import { atOnce } from '../interrupt.ts';
import { print, printJson } from '../output.ts';
import { checkFolder, checkOutputs } from '../outputFile.ts';
import { VERSION } from '../version.ts';

interface PostgresArguments {
  readonly out: string;
  readonly schema?: string;
  readonly vectors?: VectorType;
  readonly index: boolean;
  readonly database?: string;
  readonly json?: boolean;
}

/** Writes a model as a script for psql, with queries, and loads it where a server is named. */
export async function exportPostgres(
  path: string,
  args: PostgresArguments,
  signal: AbortSignal,
): Promise<void> {
  const { out, schema = 'llminit', vectors = 'vector', index, database, json = false } = args;
  await checkFolder('--out', out);
  const bytes = await readBytes(path, { signal });
  const model = await atOnce(() => decodeModel(bytes, path));
  const steps = loadSteps(model, { schema, vectors, index });
  const files: Readonly<Record<string, Uint8Array>> = {
    'load.sql': await atOnce(() => scriptOf(steps)),
    ...encoded(postgresQueries(model, schema)),
  };
  await mkdir(out, { recursive: true });
  const paths = Object.keys(files).map((name) => join(out, name));
  await checkOutputs(Object.fromEntries(paths.map((name) => [name, name])), { files: { '<model>': path } });
  for (const [name, bytes] of Object.entries(files)) await writeAtomic(join(out, name), bytes, { signal });
  if (database !== undefined) await loadIntoPostgres(database, steps, signal);
  const sizes = { users: model.userIds.length, items: model.itemIds.length, dim: model.dim };
  if (json) {
    const isLoaded = database !== undefined;
    printJson({
      command: 'export',
      version: VERSION,
      to: 'postgres',
      files: paths,
      schema,
      vectors,
      index,
      isLoaded,
      ...sizes,
    });
  } else {
    print(`wrote ${paths.join(', ')}: ${sizes.items} items, ${sizes.users} users, dim ${sizes.dim}`);
    print(
      database === undefined ? `\n  $ psql -f ${join(out, 'load.sql')}` : `loaded into the schema ${schema}`,
    );
  }
}

function encoded(texts: Readonly<Record<string, string>>): Record<string, Uint8Array> {
  const encoder = new TextEncoder();
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, encoder.encode(text)]));
}

/** Characters that are encoded at a time. */
const CHUNK = 1 << 20;

function scriptOf(steps: readonly LoadStep[]): Uint8Array {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  let text = '';
  for (const piece of loadScript(steps)) {
    text += piece;
    if (text.length < CHUNK) continue;
    parts.push(encoder.encode(text));
    text = '';
  }
  parts.push(encoder.encode(text));
  return joinedBytes(parts);
}
