import { instance, integer, oneOf, required } from '../../options/builders.ts';
import { MODEL_NAME, REMOTE_OPTIONS, type RemoteOptions, secretText } from '../../remote/options.ts';

/**
 * Where and how `httpEmbedder` asks.
 *
 * @example
 * const options: HttpEmbedderOptions = { url: 'http://localhost:11434/v1', model: 'bge-m3', prefix: 'passage: ' };
 * const embedder = httpEmbedder(options);
 */
export interface HttpEmbedderOptions extends RemoteOptions {
  /**
   * The address up to, without, `/embeddings`, e.g. `https://api.openai.com/v1`, `http://localhost:11434/v1`. A user name
   * and password in it are sent as a header and shown nowhere.
   */
  readonly url: string;
  readonly model: string;
  /** Asks for vectors of this width, of models that can be cut (Matryoshka). Default: the model's own. */
  readonly dimensions?: number;
  /** Put before every text. Default: what the model was trained with, for models that are known (see `presetOf`). */
  readonly prefix?: string;
  /** How vectors travel. Default `base64` from OpenAI, a third of the bytes; `float` from others, not all of which have both. */
  readonly encodingFormat?: 'float' | 'base64';
}

/** Descriptors of the options that can be wrong by themselves. */
export const HTTP_OPTIONS = {
  url: required(secretText('the address up to, without, /embeddings')),
  model: required(MODEL_NAME),
  dimensions: integer({ about: 'width of the vectors to ask for', min: 1 }),
  prefix: instance<string>('a text', (value) => typeof value === 'string', {
    about: 'put before every text',
  }),
  encodingFormat: oneOf(['float', 'base64'], { about: 'how vectors travel' }),
  ...REMOTE_OPTIONS,
};
