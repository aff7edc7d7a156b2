import type { Runtime } from '../runtime/load.ts';
import type { Embedder } from './embedder.ts';
import type { EmbedderSettings, SettingName } from './settings.ts';

/**
 * What an embedder needs of the place it runs in.
 *
 * @example
 * const context: EmbedderContext = { runtime, onNotice: console.log };
 * const embedder = await describeEmbedder('lexical').create('lexical', { lexicalDim: 8 }, context);
 */
export interface EmbedderContext {
  /** The kernels. Default: `await load()`, by those who compute. */
  readonly runtime?: Runtime;
  /** The bytes of a file; without it, embedders that read files are refused. */
  readonly readFile?: (path: string) => Promise<Uint8Array>;
  /** A file in pieces; without it, images cannot be files. */
  readonly openFile?: (path: string) => AsyncIterable<Uint8Array>;
  /** Variables that keys are looked up in, as `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** A line worth telling that is no error. */
  readonly onNotice?: (line: string) => void;
}

/**
 * A kind of embedder that can be named in one word, an address or a file name.
 *
 * @example
 * const { name, reads }: EmbedderDescriptor = describeEmbedder('lexical');
 * reads; // → 'text'
 */
export interface EmbedderDescriptor {
  readonly name: string;
  /** How it is written where embedders are named: `lexical`, `https://host/v1`. */
  readonly written: string;
  /** The settings it reads; any other beside it is refused. */
  readonly settings: readonly SettingName[];
  /** What of an item it reads: its text, the reference to its image, or its id alone, having the vectors already. */
  readonly reads: 'text' | 'image' | 'id';
  /** Whether a cache spares work: its vectors depend on their texts alone and cost something. */
  readonly cacheable: boolean;
  /** Whether it makes the vectors of a catalogue together, so that only all of them can be kept. */
  readonly ofCatalogue?: boolean;
  /** Weight beside others: validation NDCG@10 on amazon-office likes encoders at half the weight of lexical vectors. */
  readonly weight: number;
  /** Whether this kind is meant. */
  matches(what: string): boolean;
  /** @throws {OptionError} when the settings lack something or do not go together; reads and asks nothing */
  check(what: string, settings: EmbedderSettings): void;
  /**
   * The embedder; one that has vectors reads them here.
   * @throws as its own functions
   */
  create(what: string, settings: EmbedderSettings, context: EmbedderContext): Promise<Embedder>;
}
