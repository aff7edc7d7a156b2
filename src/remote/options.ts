import { OptionError } from '../errors.ts';
import { instance, integer, text } from '../options/builders.ts';
import type { OptionDescriptor } from '../options/descriptor.ts';

/**
 * How a service over HTTP is asked, whatever for.
 *
 * @example
 * const options: RemoteOptions = { apiKey: 'sk-…', retries: 2, timeoutMs: 20_000, concurrency: 4 };
 */
export interface RemoteOptions {
  /** Sent as `Authorization: Bearer …`; never part of an error, a report or a cache key, whatever the service says. */
  readonly apiKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Attempts after the first, of requests that fail and may succeed later. Default 4. */
  readonly retries?: number;
  /** Of one request with its answer. Default 60,000. */
  readonly timeoutMs?: number;
  /** The longest wait that a service may ask for; beyond, the work ends with what it asked. Default 120,000. */
  readonly maxWaitMs?: number;
  /** Of one answer. Default 64 MiB. */
  readonly maxAnswerBytes?: number;
  /** Requests at a time. Default 4. */
  readonly concurrency?: number;
}

/** Descriptors of `RemoteOptions`. */
export const REMOTE_OPTIONS = {
  apiKey: secretText('the key of the service'),
  headers: instance<Readonly<Record<string, string>>>('an object', (value) => typeof value === 'object', {
    about: 'more headers',
  }),
  retries: integer({ about: 'attempts after the first', min: 0, default: 4 }),
  timeoutMs: integer({ about: 'milliseconds for one request', min: 1, default: 60_000 }),
  maxWaitMs: integer({ about: 'milliseconds that a service may ask to wait', min: 0, default: 120_000 }),
  maxAnswerBytes: integer({ about: 'bytes of one answer', min: 1, default: 2 ** 26 }),
  concurrency: integer({ about: 'requests at a time', min: 1, default: 4 }),
};

/** The name of the model that a service is asked for. */
export const MODEL_NAME = text({ about: 'the name of the model' });

/** A text that no error shows: an address may hold a password. */
export function secretText(about: string): OptionDescriptor<string, undefined> {
  return {
    ...text({ about, affectsResult: false }),
    check(value, name, where) {
      if (typeof value === 'string' && value.trim() !== '') return value;
      const received = typeof value === 'string' ? 'a blank one' : `one of type ${typeof value}`;
      throw new OptionError(
        where,
        `expected ${name} to be a text, received ${received}`,
        `Change ${name}`,
        name,
      );
    },
  };
}
