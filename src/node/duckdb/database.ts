import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBDataChunk, DuckDBInstance } from '@duckdb/node-api';
import { BudgetError, DataError, type LlminitError, UnsupportedError } from '../../errors.ts';
import { fileError } from '../files.ts';

/** @internal The package, once it is loaded. */
export type DuckdbModule = typeof import('@duckdb/node-api');

const PACKAGE = '@duckdb/node-api';

/** @internal @throws {UnsupportedError} where the package is not installed, with the line that installs it */
export async function loadDuckdb(): Promise<DuckdbModule> {
  try {
    return await import('@duckdb/node-api');
  } catch (error) {
    const problem = `expected the package ${PACKAGE} beside llminit, received ${error instanceof Error ? error.message : String(error)}`;
    throw new UnsupportedError('DuckDB', problem, `Install it: npm install ${PACKAGE}`);
  }
}

/** Where and how large a database is. */
export interface DatabaseOptions {
  readonly memoryMb: number;
  readonly spillFolder?: string;
  readonly signal?: AbortSignal;
}

/** A database of one job, in a folder of its own that goes with it. */
export class Database {
  /** @internal */
  readonly module: DuckdbModule;
  /** @internal */
  readonly connection: DuckDBConnection;
  readonly #instance: DuckDBInstance;
  readonly #folder: string;
  readonly #options: DatabaseOptions;
  readonly #interrupt = () => this.connection.interrupt();

  private constructor(
    module: DuckdbModule,
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    folder: string,
    options: DatabaseOptions,
  ) {
    this.module = module;
    this.connection = connection;
    this.#instance = instance;
    this.#folder = folder;
    this.#options = options;
    options.signal?.addEventListener('abort', this.#interrupt);
  }

  /**
   * @throws {UnsupportedError} as `loadDuckdb`
   * @throws {DataError} for a folder that cannot be written
   */
  static async open(options: DatabaseOptions): Promise<Database> {
    const module = await loadDuckdb();
    const parent = options.spillFolder ?? tmpdir();
    const folder = await mkdtemp(join(parent, 'llminit-duckdb-')).catch((error) => {
      throw fileError(error, parent, 'a folder that can be written');
    });
    try {
      const instance = await module.DuckDBInstance.create(join(folder, 'rows.duckdb'), {
        memory_limit: `${options.memoryMb}MiB`,
        temp_directory: join(folder, 'spilled'),
        // Every thread has blocks of its own; few rows a thread would leave the limit to them.
        threads: String(Math.max(1, Math.min(4, Math.floor(options.memoryMb / 256)))),
        default_null_order: 'nulls_last',
        preserve_insertion_order: 'true',
        autoinstall_known_extensions: 'false',
      });
      return new Database(module, instance, await instance.connect(), folder, options);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw duckdbFault(error, options.memoryMb);
    }
  }

  /** Runs a statement and gives the first value of its first row. @throws as `duckdbFault`; what aborted the signal */
  async value(sql: string): Promise<unknown> {
    return this.#guarded(async () => (await this.connection.runAndReadAll(sql)).getRows()[0]?.[0]);
  }

  /** Runs a statement that gives a count. */
  async count(sql: string): Promise<number> {
    return Number(await this.value(sql));
  }

  /** @internal The rows of a statement in pieces. @throws as `value` */
  async *chunks(sql: string): AsyncGenerator<DuckDBDataChunk> {
    const result = await this.#guarded(() => this.connection.stream(sql));
    for (;;) {
      const chunk = await this.#guarded(() => result.fetchChunk());
      if (!chunk || chunk.rowCount === 0) return;
      yield chunk;
    }
  }

  async close(): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#interrupt);
    this.connection.closeSync();
    this.#instance.closeSync();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    this.#options.signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      throw duckdbFault(error, this.#options.memoryMb);
    }
  }
}

/**
 * What DuckDB threw, in this package's words.
 * @returns a `BudgetError` where the memory did not suffice, a `DataError` for anything else
 */
export function duckdbFault(error: unknown, memoryMb: number): LlminitError {
  const [message] = (error instanceof Error ? error.message : String(error)).split('\n');
  const fault = /^Out of Memory/i.test(message)
    ? new BudgetError(
        'DuckDB',
        `expected ${memoryMb} MB to suffice, received: ${message}`,
        'Give it more memory, or take fewer rows (a higher minimum rating or k-core)',
        'memoryMb',
      )
    : new DataError(
        'DuckDB',
        `expected the job to run, received: ${message}`,
        'Check the files, and the room on the disk that it spills to',
        'spillFolder',
      );
  fault.cause = error;
  return fault;
}
