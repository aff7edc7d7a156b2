import { DataError, LlminitError, UnsupportedError } from '../errors.ts';
import type { LoadStep } from '../exchange/postgres/load.ts';

/** What is used of the package `pg`. */
interface Client {
  connect(): Promise<void>;
  query(text: string): Promise<unknown>;
  query<Stream>(stream: Stream): Stream;
  end(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): void;
}

interface Packages {
  readonly Client: new (options: { connectionString: string; connectionTimeoutMillis: number }) => Client;
  readonly from: (text: string) => NodeJS.WritableStream;
}

const PACKAGES = ['pg', 'pg-copy-streams'] as const;
const CONNECT_MS = 30_000;
/** Characters that are sent at a time. */
const CHUNK = 1 << 16;

/**
 * Runs the steps of a load on a server, as one transaction: what fails leaves the database as it was.
 *
 * @param url as libpq takes it, e.g. `postgres://user@host:5432/shop`; its password is in no message
 * @throws {UnsupportedError} where the packages are not installed, or the server has no pgvector
 * @throws {DataError} for a server that is not there, refuses, or stops, saying at which step
 * @throws `signal.reason` when aborted
 */
export async function loadIntoPostgres(
  url: string,
  steps: readonly LoadStep[],
  signal?: AbortSignal,
): Promise<void> {
  const { Client, from } = await packages();
  const where = placeOf(url);
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS });
  // What a query rejects with says the same; without a listener the process would end.
  client.on('error', () => {});
  let step = 'connecting';
  try {
    await client.connect();
    for (const next of steps) {
      signal?.throwIfAborted();
      step = typeof next === 'string' ? next.split('\n')[0] : next.copy;
      if (typeof next === 'string') await client.query(next);
      else await copy(client.query(from(next.copy)), next.lines(), signal);
    }
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw error instanceof LlminitError ? error : failure(error, where, step);
  } finally {
    // The server takes back what was not committed.
    await client.end().catch(() => {});
  }
}

async function copy(
  into: NodeJS.WritableStream,
  lines: Iterable<string>,
  signal?: AbortSignal,
): Promise<void> {
  const { Readable } = await import('node:stream');
  const { pipeline } = await import('node:stream/promises');
  await pipeline(Readable.from(chunks(lines)), into, { signal });
}

function* chunks(lines: Iterable<string>): Generator<Buffer> {
  let text = '';
  for (const line of lines) {
    text += line;
    if (text.length < CHUNK) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}

async function packages(): Promise<Packages> {
  try {
    // By a name in a variable, since they are installed where they are needed alone.
    const [pg, streams] = await Promise.all(PACKAGES.map((name) => import(name)));
    return { Client: pg.default.Client, from: streams.default.from };
  } catch (error) {
    const received = error instanceof Error ? error.message : String(error);
    const problem = `expected the packages ${PACKAGES.join(' and ')} beside llminit, received ${received}`;
    throw new UnsupportedError('PostgreSQL', problem, `Install them: npm install ${PACKAGES.join(' ')}`);
  }
}

/** Host, port and database, without a password. @throws {DataError} for what is no address */
function placeOf(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    if (protocol === 'postgres:' || protocol === 'postgresql:') return `${host || 'PostgreSQL'}${pathname}`;
  } catch {
    // Said below.
  }
  const problem = 'expected an address such as postgres://host:5432/database, received another text';
  throw new DataError('PostgreSQL', problem, 'Name the server so');
}

/** SQLSTATEs of a server that lacks the extension. */
const NO_EXTENSION = ['0A000', '58P01'];
/** No SQLSTATE, one of a socket's errors, or that of a server which shuts down. */
const BROKEN = /^$|^E[A-Z]+$|^(57P|08)/;
/** Classes of SQLSTATE: refused authorisation, unknown database, missing rights. */
const REFUSED = /^(28|3D|42501)/;

function failure(error: unknown, where: string, step: string): Error {
  const { code = '', message = String(error) } = error as { code?: string; message?: string };
  const made = (remedy: string, problem = `expected it to do "${step}", received ${message}`) => {
    const failed = new DataError(where, `${problem}; nothing was changed`, remedy);
    failed.cause = error;
    return failed;
  };
  if (NO_EXTENSION.includes(code) && /vector/.test(message)) {
    const problem = `expected a server with the extension vector, received ${message}`;
    return new UnsupportedError(
      where,
      problem,
      'Install pgvector on the server, e.g. postgresql-18-pgvector',
    );
  }
  if (REFUSED.test(code))
    return made('Check user, password, database and rights', `expected to be let in, received ${message}`);
  if (step === 'connecting')
    return made(
      'Check the address, and that the server runs',
      `expected a PostgreSQL server, received ${message || code}`,
    );
  if (BROKEN.test(code)) return made('The server stopped, or the connection broke: run the command again');
  return made('Mend what it says, and run the command again');
}
