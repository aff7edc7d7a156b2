import type { Redis } from 'ioredis';
import { DataError, OptionError, shown, UnsupportedError } from '../../errors.ts';

/** The packages of a queue, once they are loaded. */
export interface QueueModules {
  readonly bullmq: typeof import('bullmq');
  readonly ioredis: typeof import('ioredis');
}

const PACKAGES = 'bullmq ioredis';
const CONNECT_MS = 5_000;

/** @throws {UnsupportedError} where they are not installed, with the line that installs them */
export async function loadQueue(): Promise<QueueModules> {
  try {
    return { bullmq: await import('bullmq'), ioredis: await import('ioredis') };
  } catch (error) {
    const problem = `expected the packages ${PACKAGES} beside llminit, received ${error instanceof Error ? error.message : String(error)}`;
    throw new UnsupportedError('--redis', problem, `Install them: npm install ${PACKAGES}`);
  }
}

/** An address without its password, for messages. @throws {OptionError} unless it is one of Redis */
export function redisName(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url && /^rediss?:$/.test(url.protocol) && url.hostname !== '')
    return `${url.protocol}//${url.host}${url.pathname}`;
  const problem = `expected an address, received ${shown(address.replace(/\/\/.*@/, '//…@'))}`;
  throw new OptionError('--redis', problem, 'Write e.g. redis://127.0.0.1:6379, or rediss:// with TLS');
}

/**
 * A connection to a Redis that has answered once. Later it is sought again when it goes, for as long as `patienceMs` says.
 * @throws {DataError} where it is absent or refuses
 */
export async function connectRedis(
  { ioredis }: QueueModules,
  address: string,
  patienceMs: number,
): Promise<Redis> {
  const name = redisName(address);
  let connected = false;
  let gone = 0;
  const redis = new ioredis.Redis(address, {
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    // BullMQ asks for it: commands wait for the connection.
    maxRetriesPerRequest: null,
    retryStrategy: () => {
      if (!connected) return null;
      if (gone === 0) gone = Date.now();
      return Date.now() - gone < patienceMs ? 500 : null;
    },
  });
  let last: Error | null = null;
  redis.on('error', (error: Error) => {
    last = error;
  });
  redis.on('ready', () => {
    gone = 0;
  });
  try {
    await redis.connect();
    await redis.ping();
    connected = true;
    return redis;
  } catch (error) {
    redis.disconnect();
    throw redisFault(name, last ?? error);
  }
}

/** A refusal of Redis, or its absence, in this package's words. */
export function redisFault(name: string, error: unknown): DataError {
  const received = error instanceof Error ? error.message : String(error);
  const remedy = /NOAUTH|WRONGPASS|NOPERM/.test(received)
    ? 'Write name:password@ before the host in the address'
    : 'Start it, and check the address and the network';
  const fault = new DataError(name, `expected a Redis that answers, received ${received}`, remedy, 'redis');
  fault.cause = error;
  return fault;
}
