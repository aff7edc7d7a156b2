import { OptionError } from '../../errors.ts';
import { instance, integer, oneOf, required, text } from '../../options/builders.ts';
import type { OptionDescriptor } from '../../options/descriptor.ts';

/** Where and how `httpEmbedder` asks. */
export interface HttpEmbedderOptions {
  /**
   * The address up to, without, `/embeddings`, e.g. `https://api.openai.com/v1`, `http://localhost:11434/v1`. A user name
   * and password in it are sent as a header and shown nowhere.
   */
  readonly url: string;
  readonly model: string;
  /** Sent as `Authorization: Bearer …`; never part of an error, a report or a cache key, whatever the service says. */
  readonly apiKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Asks for vectors of this width, of models that can be cut (Matryoshka). Default: the model's own. */
  readonly dimensions?: number;
  /** Put before every text. Default: what the model was trained with, for models that are known (see `presetOf`). */
  readonly prefix?: string;
  /** How vectors travel. Default `base64` from OpenAI, a third of the bytes; `float` from others, not all of which have both. */
  readonly encodingFormat?: 'float' | 'base64';
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

/** Descriptors of the options that can be wrong by themselves. */
export const HTTP_OPTIONS = {
  url: required(secretText('the address up to, without, /embeddings')),
  model: required(text({ about: 'the name of the model' })),
  apiKey: secretText('the key of the service'),
  headers: instance<Readonly<Record<string, string>>>('an object', (value) => typeof value === 'object', {
    about: 'more headers',
  }),
  dimensions: integer({ about: 'width of the vectors to ask for', min: 1 }),
  prefix: instance<string>('a text', (value) => typeof value === 'string', {
    about: 'put before every text',
  }),
  encodingFormat: oneOf(['float', 'base64'], { about: 'how vectors travel' }),
  retries: integer({ about: 'attempts after the first', min: 0, default: 4 }),
  timeoutMs: integer({ about: 'milliseconds for one request', min: 1, default: 60_000 }),
  maxWaitMs: integer({ about: 'milliseconds that a service may ask to wait', min: 0, default: 120_000 }),
  maxAnswerBytes: integer({ about: 'bytes of one answer', min: 1, default: 2 ** 26 }),
  concurrency: integer({ about: 'requests at a time', min: 1, default: 4 }),
};

/** A text that no error shows: an address may hold a password. */
function secretText(about: string): OptionDescriptor<string, undefined> {
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
