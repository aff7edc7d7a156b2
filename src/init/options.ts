import { boolean, integer, number, oneOf, text } from '../options/builders.ts';
import type { Descriptors, Resolved } from '../options/descriptor.ts';
import { SIGNAL } from '../options/kinds.ts';
import { chosenEntry, optionsOf } from '../options/registry.ts';
import { optionsObject, resolveOptions } from '../options/resolve.ts';
import type { Runtime } from '../runtime/load.ts';
import { RUNTIME } from '../runtime/option.ts';
import { POOLINGS, type Pooling } from './pooling.ts';
import { INIT_STRATEGIES, type Strategy, type StrategyOptions } from './strategies/index.ts';
import type { InitStrategy } from './strategy.ts';

/** K where nothing else is asked for. */
export const DEFAULT_DIM = 128;

/**
 * Options of `initialize`, those of all strategies included; one that the strategy does not read is refused.
 *
 * @example
 * const options: InitializeOptions = { strategy: 'pca', dim: 8, seed: 1, runtime };
 * const tables = await initialize(split.train, embeddings, options);
 */
export interface InitializeOptions extends StrategyOptions {
  /**
   * A name, or a strategy of your own. Default `variance` with embeddings, `xavier` without. `rand`, `uni` and `var` are
   * `random`, `uniform` and `variance`.
   */
  readonly strategy?: Strategy | 'rand' | 'uni' | 'var' | InitStrategy;
  /**
   * Width of the tables, K. Default 128 (the paper), or as many as the vectors allow if they allow fewer; the width of the
   * embeddings for `full`.
   */
  readonly dim?: number;
  /** How user rows are made. Default `mean` (Eq. 1). Not read by `xavier`. */
  readonly pooling?: Pooling;
  /**
   * L2-normalise the embeddings first. Default true: MPNet rows have norm 1 already, other encoders' do not. Not read by
   * `xavier`.
   */
  readonly normalize?: boolean;
  /**
   * Mean L2 norm of the item rows made from embeddings (of each table for `xavier`). Default: as selected or drawn
   * (the authors do not rescale), 1 where they are mapped. Between 0.3 and 2 is best; rows of norm 15 never leave their
   * start.
   */
  readonly scale?: number;
  /** Of what is drawn: Xavier rows, columns, projections. Default 2020. */
  readonly seed?: number;
  readonly runtime?: Runtime;
  /** Checked now and then in what takes long: principal components. */
  readonly signal?: AbortSignal;
}

/** Read by every strategy. */
const COMMON = {
  dim: integer({
    ...{ about: 'width of the tables', flag: '--dim <n>', min: 1, source: 'LLMInit' },
    defaultText: `${DEFAULT_DIM}, or as many as the vectors allow; all for full`,
  }),
  scale: number({
    ...{ about: 'mean norm of initial rows', flag: '--scale <number>', above: 0 },
    defaultText: 'as they are where columns are kept, 1 where they are mapped',
  }),
  seed: integer({ about: 'of what is drawn', min: 0, default: 2020, source: 'RecBole' }),
  runtime: RUNTIME,
  signal: SIGNAL,
};

/** Read by most strategies. */
const SHARED = {
  pooling: oneOf(POOLINGS, {
    ...{
      about: 'user rows from item rows',
      flag: '--pool <name>',
      default: 'mean',
      source: 'LLMInit, Eq. 1',
    },
  }),
  normalize: boolean({ about: 'L2-normalise the vectors first', flag: '--no-normalize', default: true }),
};

const NAME = text({ about: 'how tables are filled' });

/** Everything that a strategy reads beside what all do, with what its kind implies. */
export function optionsReadBy({ needsVectors, userRows, options }: InitStrategy) {
  const { normalize, pooling } = SHARED;
  return { ...options, ...(needsVectors && { normalize }), ...(!userRows && { pooling }) };
}

/** Options that some strategies read, with their readers. */
const BY_STRATEGY = optionsOf(
  INIT_STRATEGIES.map((entry) => ({ name: entry.name, options: optionsReadBy(entry) })),
  'strategy',
);

/** Every option of `initialize` but `strategy`: for flags and help texts. */
export const INITIALIZE_OPTIONS: Descriptors = { ...COMMON, ...BY_STRATEGY };

/** Options with their defaults filled in. */
export interface ResolvedInit {
  readonly strategy: InitStrategy;
  readonly dim: number | undefined;
  readonly scale: number | undefined;
  readonly seed: number;
  readonly pooling: Pooling;
  readonly normalize: boolean;
  readonly runtime: Runtime | undefined;
  readonly signal: AbortSignal | undefined;
  /** Those of the strategy alone. */
  readonly own: Readonly<Record<string, unknown>>;
}

/**
 * The strategy of a name, of one of its synonyms, or of the caller's own.
 * @param option that names it, for errors
 * @throws {OptionError} on anything else
 */
export function findStrategy(value: unknown, where = 'initialize', option = 'strategy'): InitStrategy {
  const isStrategy = (entry: Partial<InitStrategy>) =>
    typeof entry.name === 'string' && typeof entry.rows === 'function' && typeof entry.options === 'object';
  return chosenEntry<InitStrategy>(INIT_STRATEGIES, value, option, where, isStrategy);
}

/** @throws {OptionError} naming the first option that is unknown, out of range, or not read by the strategy */
export function resolveInit(options: InitializeOptions, hasEmbeddings: boolean): ResolvedInit {
  const given = optionsObject(options, { where: 'initialize' });
  const strategy = findStrategy(given.strategy ?? (hasEmbeddings ? 'variance' : 'xavier'));
  const resolved: Readonly<Record<string, unknown>> &
    Resolved<typeof COMMON> &
    Partial<Resolved<typeof SHARED>> = resolveOptions(
    { strategy: NAME, ...COMMON, ...optionsReadBy(strategy) },
    { ...given, strategy: strategy.name },
    'initialize',
    BY_STRATEGY,
  );
  const { dim, scale, seed, runtime, signal } = resolved;
  const { pooling = SHARED.pooling.default, normalize = SHARED.normalize.default } = resolved;
  const own = Object.fromEntries(Object.keys(strategy.options).map((name) => [name, resolved[name]]));
  return { strategy, dim, scale, seed, runtime, signal, pooling, normalize, own };
}

/** K: as given, as the strategy likes it, or 128. */
export function dimOf({ strategy, dim }: Pick<ResolvedInit, 'strategy' | 'dim'>, width: number): number {
  return dim ?? strategy.defaultDim?.(width) ?? DEFAULT_DIM;
}

/** @throws {OptionError} unless the scale is left out, or a number above 0 */
export function checkScale(scale: unknown): void {
  if (scale !== undefined) COMMON.scale.check(scale, 'scale', 'initialize');
}
