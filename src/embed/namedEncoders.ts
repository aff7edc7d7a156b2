import type { EmbedderDescriptor } from './descriptor.ts';
import { http } from './http/httpEmbedder.ts';
import type { EmbedderSettings } from './settings.ts';
import { transformers } from './transformers/transformersEmbedder.ts';

/** An encoder by a short name: which kind runs it, where, and under which name. */
interface NamedEncoder {
  readonly kind: EmbedderDescriptor;
  /** How that kind is written. */
  readonly written: string;
  readonly model: string;
}

const OPENAI = 'https://api.openai.com/v1';
const local = (model: string): NamedEncoder => ({ kind: transformers, written: 'transformers', model });
const hosted = (model: string): NamedEncoder => ({ kind: http, written: OPENAI, model });

/**
 * The encoders that LLMInit was measured with (Table 3 of the paper), each reached by its name alone. Those of more
 * parameters than a laptop holds run behind an endpoint as well: `--embedder https://host/v1 --encoder MODEL`.
 */
const ENCODERS: ReadonlyMap<string, NamedEncoder> = new Map([
  ['mpnet', local('Xenova/all-mpnet-base-v2')],
  ['gte-qwen', local('Alibaba-NLP/gte-Qwen2-7B-instruct')],
  ['text-embedding-3-small', hosted('text-embedding-3-small')],
  ['text-embedding-3-large', hosted('text-embedding-3-large')],
  ['stella', local('NovaSearch/stella_en_1.5B_v5')],
]);

/**
 * Their names, in the order of the paper.
 *
 * @example
 * console.log(NAMED_ENCODERS);
 */
export const NAMED_ENCODERS: readonly string[] = [...ENCODERS.keys()];

/** Encoders by their names. */
export const namedEncoders: EmbedderDescriptor = {
  name: 'named',
  written: NAMED_ENCODERS.join(', '),
  settings: ['dimensions', 'prefix', 'encoderPooling', 'dtype', 'modelFolder'],
  reads: 'text',
  cacheable: true,
  weight: 0.5,
  matches: (what) => ENCODERS.has(what),
  check(what, settings) {
    const { kind, written, model } = ENCODERS.get(what)!;
    kind.check(written, { ...settings, encoder: model });
  },
  create(what, settings, context) {
    const { kind, written, model } = ENCODERS.get(what)!;
    return kind.create(written, readBy(kind, { ...settings, encoder: model }), context);
  },
};

function readBy({ settings }: EmbedderDescriptor, given: EmbedderSettings): EmbedderSettings {
  return Object.fromEntries(settings.map((name) => [name, given[name]]));
}
