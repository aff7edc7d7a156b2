import type { Interactions } from '../data/interactions.ts';
import type { Protocol } from '../evaluate/evaluate.ts';
import type { JsonValue } from '../format/json.ts';
import { findStrategy } from '../init/options.ts';
import { readsCodes } from '../models/registry.ts';
import { fingerprintOf } from '../options/fingerprint.ts';
import { resolveFitOptions } from '../train/fitOptions.ts';
import type { FitOptions } from '../train/options.ts';
import { DEFAULT_BUDGET } from './budget.ts';
import { type Init, nameOfInit, strategyOf } from './inits.ts';
import { BY_INIT, kindOf, type TrainOptions } from './options.ts';
import { fitOptions } from './stepOptions.ts';

/**
 * Everything that decides the result of a training, as JSON values.
 *
 * @example
 * const settings: TrainSettings = (await train({ split }, { model: 'ease' })).settings;
 * settings.model; // → 'ease'
 */
export interface TrainSettings {
  /** null for a choice among models. */
  readonly model: string | null;
  /** null for a model without epochs. */
  readonly init: string | null;
  /** Options of `initialize`, as they were given; null for a model without epochs. */
  readonly tables: Readonly<Record<string, JsonValue>> | null;
  /** Options of `fit` with their defaults; null for a model without epochs. */
  readonly fit: Readonly<Record<string, JsonValue>> | null;
  /** Seconds that a choice may take, as counted work, and by the clock; null where there is nothing to choose. */
  readonly budget: number | null;
  readonly stopAfter: number | null;
  /** The choice that is made again; absent where there is none. */
  readonly repeat?: JsonValue;
  readonly protocol: Protocol;
  readonly seed: number;
  /** SHA-256 of the split and of the vectors. */
  readonly inputs: string;
}

/** The settings of checked options. */
export function trainSettings(
  init: Init,
  options: TrainOptions,
  train: Pick<Interactions, 'length' | 'numUsers'>,
  inputs: string,
): TrainSettings {
  const kind = kindOf(init, options);
  const { protocol = 'standard', seed = 2020, budget = DEFAULT_BUDGET, stopAfter = null, model } = options;
  const closed = kind === 'closed';
  return {
    model: model ?? (kind === 'choice' ? null : 'lightgcn'),
    init: closed ? null : nameOfInit(init),
    tables: closed ? { dim: options.dim ?? null } : tableSettings(init, options),
    fit: closed ? null : fitSettings(fitOptions(options, init, train)),
    budget: kind === 'choice' && !options.repeat ? budget : null,
    stopAfter,
    ...(options.repeat && { repeat: options.repeat as unknown as JsonValue }),
    protocol,
    seed,
    inputs,
  };
}

function tableSettings(init: Init, options: TrainOptions): Record<string, JsonValue> {
  const {
    dim,
    pooling = 'mean',
    normalize = true,
    scale,
    popularFraction,
    whitenExponent,
    graphWeight,
  } = options;
  const { frozenColumns, adapterLayers } = options;
  return {
    ...{ dim: dim ?? null, pool: pooling, normalize, scale: scale ?? null },
    popularFraction: popularFraction ?? null,
    whitenExponent: whitenExponent ?? null,
    graphWeight: graphWeight ?? null,
    frozenColumns: frozenColumns ?? null,
    adapterLayers: adapterLayers ?? null,
    ...(readsCodes(options.model) && codeSettings(options)),
    ...furtherOptions(init, options),
  };
}

function codeSettings({ codeLevels = 3, codeSize = 256 }: TrainOptions): Record<string, JsonValue> {
  return { codeLevels, codeSize };
}

/** Table options that have a place of their own in the settings, given or not. */
const ALWAYS_TOLD = [
  'pooling',
  'normalize',
  'popularFraction',
  'whitenExponent',
  'graphWeight',
  'frozenColumns',
  'adapterLayers',
];

/** The other options of strategies, where they are given: they decide the result as well. */
function furtherOptions(init: Init, options: TrainOptions): Record<string, JsonValue> {
  const read = { ...BY_INIT, ...findStrategy(strategyOf(init)).options };
  const given = Object.entries(options).filter(
    ([name, value]) => Object.hasOwn(read, name) && value !== undefined,
  );
  const further = given.filter(([name]) => !ALWAYS_TOLD.includes(name));
  return fingerprintOf(
    Object.fromEntries(further.map(([name]) => [name, read[name]])),
    Object.fromEntries(further),
  );
}

/** Options of `fit` with nothing left to its defaults, so that files tell what they were. */
function fitSettings(options: FitOptions): Record<string, JsonValue> {
  const { fingerprint, epochs } = resolveFitOptions(options);
  const { model, layers, batchSize, patience, seed, protocol, optimizer, regularization, ...read } =
    fingerprint;
  const { evaluateEvery, minRise, frozenColumns: _, adapter: __, negatives, ...own } = read;
  return {
    ...{ model, layers, batchSize, epochs, patience, seed, protocol, optimizer },
    ...(regularization !== undefined && { regularization }),
    ...(evaluateEvery !== 1 && { evaluateEvery }),
    ...(minRise !== null && { minRise }),
    ...(options.negatives !== undefined && { negatives }),
    ...own,
  };
}
