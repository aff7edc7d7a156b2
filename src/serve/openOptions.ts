import { OptionError, shown } from '../errors.ts';
import { checkArgument } from '../options/arguments.ts';
import { instance, oneOf, text } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';
import { resolveOptions } from '../options/resolve.ts';
import type { Runtime } from '../runtime/load.ts';
import { RUNTIME } from '../runtime/option.ts';
import type { ModelData } from './modelFile/data.ts';
import { encodeModel } from './modelFile/encode.ts';
import { imageOf, type OpenModel, openModel } from './openModel.ts';
import type { IndexChoice } from './scoring/factorTable.ts';
import { SEQUENCE_SUPPORT, type SequenceSupport } from './sequences.ts';

/**
 * How a model is opened.
 *
 * @example
 * const options: OpenOptions = { name: 'model.safetensors', runtime };
 * const recommender = await Recommender.open(modelBytes, options);
 */
export interface OpenOptions {
  /** Stands in error messages. Default `model`. */
  readonly name?: string;
  /** The kernels. Default: `await load()`. */
  readonly runtime?: Runtime;
  /**
   * `codes` makes 8-bit codes of the items, a quarter of their memory more, and finds the same lists in a third of the
   * time; `rows` never makes them; `auto`, the default, after some queries, and for many at a time.
   */
  readonly index?: IndexChoice;
  /** What reads a model of sequences (`sasrec`): `new Sequences(await load())` of `llminit/sequences`. Default: nothing. */
  readonly sequences?: SequenceSupport;
}

/** @throws {OptionError} for what is no object of options */
export function openOptions(options: OpenOptions | string | undefined): OpenOptions {
  if (typeof options === 'string') return { name: options };
  return resolveOptions(OPEN_OPTIONS, options, 'Recommender.open');
}

/** The option `sequences` of `Recommender.open` and `Recommender.fromUrl`. */
export const SEQUENCES_OPTION = instance<SequenceSupport>(
  SEQUENCE_SUPPORT.range,
  (value) => SEQUENCE_SUPPORT.is(value),
  { about: 'what reads a model of sequences' },
);

/** Every option of `Recommender.open`. */
export const OPEN_OPTIONS: DescriptorsOf<OpenOptions> = {
  name: text({ about: 'stands in error messages', default: 'model' }),
  runtime: RUNTIME,
  index: oneOf(['auto', 'rows', 'codes'], { about: 'how the best items are found', default: 'auto' }),
  sequences: SEQUENCES_OPTION,
};

/** A model that is on the host, opened. @throws {OptionError} for what is no model, or without a runtime */
export function modelOnHost(
  model: unknown,
  runtime: Runtime | undefined,
  sequences: SequenceSupport | undefined,
): OpenModel {
  const isModel = Object.prototype.toString.call(model) === '[object Object]';
  if (!isModel || !Array.isArray((model as Partial<ModelData>).itemIds)) {
    const remedy =
      'Pass what modelFrom or decodeModel gives; a file is opened with await Recommender.open(bytes)';
    throw new OptionError('Recommender', `expected a model, received ${shown(model)}`, remedy);
  }
  const kernels = RUNTIME.check(runtime, 'runtime', 'Recommender');
  if (sequences !== undefined) checkArgument(SEQUENCE_SUPPORT, sequences, 'sequences', 'Recommender');
  return openModel(imageOf(encodeModel(model as ModelData), 'model', kernels), 'auto', sequences);
}
