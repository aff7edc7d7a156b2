import { OptionError } from '../errors.ts';
import type { LossOptions } from '../models/losses/registry.ts';
import type { ModelName } from '../models/registry.ts';
import type { InitName } from './inits.ts';
import type { TrainOptions } from './options.ts';

interface Composition {
  readonly name: string;
  /** What it stands for; all but the first two may be given instead. */
  readonly options: { readonly model: ModelName; readonly init: InitName; readonly loss: LossOptions } & Pick<
    TrainOptions,
    'adapterLayers' | 'adapterUsers'
  >;
}

/**
 * Systems of papers that are a model of `fit` under an initialisation and a loss. A further one is a line here.
 *
 * `morec`: items' rows are a trained map of their text vectors (Yuan et al., SIGIR 2023). Deviations: the encoder is frozen,
 * the map a linear one that starts from principal components (`adapterLayers: 2` adds a hidden layer), the backbone LightGCN.
 *
 * `alpharec`: users' rows are the same map, too, of the mean vector of their items, by a softmax of cosines (Sheng et al., ICLR
 * 2025). Deviations: the map is a linear one from principal components with a hidden layer beside it, in the place of two
 * layers without that; the candidates are the items of the batch, in the place of 256 drawn uniformly.
 */
const COMPOSITIONS = [
  { name: 'morec', options: { model: 'lightgcn', init: 'adapter', loss: { name: 'debiased' } } },
  {
    name: 'alpharec',
    options: {
      ...{ model: 'lightgcn', init: 'adapter', adapterLayers: 2, adapterUsers: 'mapped' },
      loss: { name: 'softmax', similarity: 'cosine', candidates: 'in-batch', softmaxTemperature: 0.15 },
    },
  },
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
export function composed<
  Options extends Pick<TrainOptions, 'model' | 'init' | 'loss' | 'adapterLayers' | 'adapterUsers'>,
>(options: Options): Options {
  const found = COMPOSITIONS.find(({ name }) => name === options.model);
  if (!found) return options;
  const { init } = options;
  const { model, init: own, ...defaults } = found.options;
  if (init === undefined || init === 'auto' || init === own) {
    const given = Object.entries(options).filter(([, value]) => value !== undefined);
    return { ...options, ...defaults, ...Object.fromEntries(given), model, init: own };
  }
  const problem = `expected no init but ${own} beside model ${found.name}, received ${typeof init === 'string' ? init : init.name}`;
  throw new OptionError('train', problem, 'Leave init out', 'init');
}
