import { UnsupportedError } from '../../errors.ts';
import type { ModelData } from '../../serve/modelFile/data.ts';
import { quotedName } from './copyText.ts';
import {
  checkSchema,
  definition,
  type PostgresTable,
  postgresTables,
  TABLE_NAMES,
  type VectorType,
} from './tables.ts';

/** How a model goes into PostgreSQL. */
export interface PostgresOptions {
  readonly schema: string;
  readonly vectors: VectorType;
  /** Whether the factors get HNSW indexes. Without them every answer is exact. */
  readonly index: boolean;
}

/** A statement, or rows for a COPY. */
export type LoadStep = string | { readonly copy: string; readonly lines: () => Generator<string> };

/** The widest vectors that HNSW takes, see pgvector's README. */
const MOST_INDEXED: Readonly<Record<VectorType, number>> = { vector: 2000, halfvec: 4000 };

/**
 * What loads a model, in one transaction: tables are filled in a schema of their own, counted, indexed, and then take the
 * places of an earlier model's. Whatever stops it leaves everything as it was.
 *
 * @throws {UnsupportedError} for factors that are too wide for the index, and a model of sequences, which no query can score by
 * @throws {OptionError} for a schema that cannot be
 * @throws as `postgresTables`
 */
export function loadSteps(model: ModelData, { schema, vectors, index }: PostgresOptions): LoadStep[] {
  checkSchema(schema);
  if (model.sequence) {
    const problem =
      'expected a model that scores by inner products or pairs, received one of sequences (sasrec, tiger)';
    throw new UnsupportedError('export', problem, 'Serve it with llminit, or export another model');
  }
  if (index && model.dim > MOST_INDEXED[vectors]) {
    const problem = `expected factors of at most ${MOST_INDEXED[vectors]} columns for an index of ${vectors}, received ${model.dim}`;
    throw new UnsupportedError('export', problem, 'Keep them as halfvec, or leave the index out', 'vectors');
  }
  const [own, loading] = [quotedName(schema), quotedName(`${schema}_loading`)];
  const tables = postgresTables(model, vectors);
  return [
    'BEGIN',
    'SET LOCAL client_min_messages = warning',
    'CREATE EXTENSION IF NOT EXISTS vector',
    `CREATE SCHEMA ${loading}`,
    ...tables.flatMap((table) => filled(table, loading)),
    checked(tables, loading),
    ...(index && model.dim > 0 ? indexes(loading, vectors) : []),
    ...tables.map(({ name }) => `ANALYZE ${loading}.${name}`),
    `CREATE SCHEMA IF NOT EXISTS ${own}`,
    `DROP TABLE IF EXISTS ${TABLE_NAMES.map((name) => `${own}.${name}`).join(', ')}`,
    ...tables.map(({ name }) => `ALTER TABLE ${loading}.${name} SET SCHEMA ${own}`),
    `DROP SCHEMA ${loading}`,
    'COMMIT',
  ];
}

function filled({ name, columns, constraints, lines }: PostgresTable, schema: string): LoadStep[] {
  const body = [...columns.map(definition), ...constraints].join(',\n  ');
  const names = columns.map(([column]) => quotedName(column)).join(', ');
  return [
    `CREATE TABLE ${schema}.${name} (\n  ${body}\n)`,
    { copy: `COPY ${schema}.${name} (${names}) FROM STDIN`, lines },
  ];
}

/** Refuses a file that was cut between two lines: it would end in a COMMIT of fewer rows, were it written on by hand. */
function checked(tables: readonly PostgresTable[], schema: string): string {
  const checks = tables.map(
    ({ name, rows }) =>
      `  IF (SELECT count(*) FROM ${schema}.${name}) <> ${rows} THEN\n    RAISE EXCEPTION 'expected ${rows} rows of ${name}, received %', (SELECT count(*) FROM ${schema}.${name});\n  END IF;`,
  );
  return `DO $$ BEGIN\n${checks.join('\n')}\nEND $$`;
}

function indexes(schema: string, vectors: VectorType): string[] {
  return ['ip', 'cosine'].map(
    (distance) =>
      `CREATE INDEX items_factors_${distance} ON ${schema}.items USING hnsw (factors ${vectors}_${distance}_ops)`,
  );
}

/** The steps as a script for psql. */
export function* loadScript(steps: readonly LoadStep[]): Generator<string> {
  yield '-- Loads a model into PostgreSQL with pgvector, in one transaction: psql -f load.sql\n';
  yield '\\set ON_ERROR_STOP on\n';
  for (const step of steps) {
    if (typeof step === 'string') yield `${step};\n`;
    else {
      yield `${step.copy};\n`;
      yield* step.lines();
      yield '\\.\n';
    }
  }
}
