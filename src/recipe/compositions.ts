import { OptionError } from '../errors.ts';
import type { LossOptions } from '../models/losses/registry.ts';
import type { ModelName } from '../models/registry.ts';
import type { InitName } from './inits.ts';
import type { TrainOptions } from './options.ts';

interface Composition {
  readonly name: string;
  /** What it stands for; a loss may be given instead of its own. */
  readonly options: { readonly model: ModelName; readonly init: InitName; readonly loss: LossOptions };
}

/**
 * Systems of papers that are a model of `fit` under an initialisation and a loss. A further one is a line here.
 *
 * `morec`: items' rows are a trained map of their text vectors (Yuan et al., SIGIR 2023). Deviations: the encoder is frozen,
 * the map a linear one that starts from principal components (`adapterLayers: 2` adds a hidden layer), the backbone LightGCN.
 */
const COMPOSITIONS = [
  { name: 'morec', options: { model: 'lightgcn', init: 'adapter', loss: { name: 'debiased' } } },
] as const satisfies readonly Composition[];

/**
 * A system of a paper that `model` of `train` takes beside the names of models.
 *
 * @example
 * const model: CompositionName = 'morec';
 */
export type CompositionName = (typeof COMPOSITIONS)[number]['name'];

/** The names of compositions, which `model` takes beside those of models. */
export const COMPOSITION_NAMES: readonly CompositionName[] = COMPOSITIONS.map(({ name }) => name);

/**
 * The options with what a composition stands for in the place of its name.
 * @throws {OptionError} for another `init` beside it
 */
export function composed<Options extends Pick<TrainOptions, 'model' | 'init' | 'loss'>>(
  options: Options,
): Options {
  const found = COMPOSITIONS.find(({ name }) => name === options.model);
  if (!found) return options;
  const { init } = options;
  if (init === undefined || init === 'auto' || init === found.options.init)
    return { ...options, ...found.options, loss: options.loss ?? found.options.loss };
  const problem = `expected no init but ${found.options.init} beside model ${found.name}, received ${typeof init === 'string' ? init : init.name}`;
  throw new OptionError('train', problem, 'Leave init out', 'init');
}
