import { OptionError, shown } from '../errors.ts';
import { findStrategy, INITIALIZE_OPTIONS, optionsReadBy } from '../init/options.ts';
import { MODELS } from '../models/registry.ts';
import { text } from '../options/builders.ts';
import type { Descriptors } from '../options/descriptor.ts';
import { optionsObject, resolveOptions } from '../options/resolve.ts';
import { resolveFitOptions } from '../train/fitOptions.ts';
import { type Init, type InitName, nameOfInit, strategyOf } from './inits.ts';
import { BY_INIT, CHOICE, COMMON, GRAPH, kindOf, type TrainOptions } from './options.ts';
import { fitOptions } from './stepOptions.ts';

/** The name of an `init` that is known to be one. */
const NAME = text({ about: 'how tables are filled' });

/**
 * @param hasVectors whether there will be text vectors
 * @throws {OptionError} naming the first option that is unknown, out of range, or not read beside the others
 */
export function checkTrainOptions(init: Init, options: TrainOptions, hasVectors: boolean): void {
  const given = optionsObject(options, { where: 'train' }) as TrainOptions;
  const kind = kindOf(init, given);
  if (kind === 'closed') {
    checkClosedOptions(init, given);
    return;
  }
  checkRepeat(given);
  const read = {
    ...{ ...GRAPH, init: NAME },
    ...(kind === 'choice' && CHOICE),
    ...optionsReadBy(findStrategy(strategyOf(init, hasVectors))),
  };
  const others = { ...BY_INIT, ...unreadChoice() };
  resolveOptions<Descriptors>(read, { ...given, init: nameOfInit(init) }, 'train', others);
  resolveFitOptions(fitOptions(given, init, { length: 1, numUsers: 1 }));
}

/** Nothing is chosen again, and the epochs belong to the choice. */
function checkRepeat(options: TrainOptions): void {
  if (options.repeat === undefined) return;
  const others = ['model', 'epochs', 'budget', 'stopAfter'] as const;
  const other = others.find((name) => options[name] !== undefined);
  if (other === undefined) return;
  const problem = `expected no ${other} beside repeat, received ${shown(options[other])}`;
  throw new OptionError('train', problem, 'Leave one of them out', other);
}

/** The options of a choice, as those that no named model reads. */
function unreadChoice(): Descriptors {
  const readBy = { model: ['none'], init: ['auto'] };
  return Object.fromEntries(
    Object.entries(CHOICE).map(([name, descriptor]) => [name, { ...descriptor, readBy }]),
  );
}

/** A model without epochs reads what all read, and the width of the tables that it fills. */
function checkClosedOptions(init: Init, options: TrainOptions): void {
  const read = options.model === 'text-only' ? { ...COMMON, dim: INITIALIZE_OPTIONS.dim } : COMMON;
  const graph = { ...GRAPH, ...CHOICE, ...BY_INIT };
  const others = Object.entries(graph).filter(([name]) => !Object.hasOwn(read, name));
  const readBy = { model: MODELS };
  const unread = Object.fromEntries(others.map(([name, descriptor]) => [name, { ...descriptor, readBy }]));
  resolveOptions<Descriptors>(read, { ...options, init: undefined }, 'train', unread);
  if (init !== 'auto') {
    const problem = `expected a model of ${MODELS.join(', ')} beside init ${nameOfInit(init)}, received ${options.model}`;
    throw new OptionError('train', problem, 'Leave init out: nothing reads it', 'init');
  }
}

/**
 * For several trainings with one set of options, each of which gets those that it reads (see `readWith`).
 * @throws {OptionError} naming an option that none of the `init`s reads
 */
export function checkReadBySome(inits: readonly InitName[], options: TrainOptions): void {
  for (const [name, value] of Object.entries(options)) {
    const readers = Object.hasOwn(CHOICE, name) ? ['auto'] : BY_INIT[name]?.readBy?.init;
    if (value === undefined || !readers || inits.some((init) => readers.includes(init))) continue;
    const problem = `expected init ${readers.join(' or ')} beside ${name}, received ${inits.join(', ')}`;
    throw new OptionError('train', problem, `Leave ${name} out: nothing reads it`, name);
  }
}

/** The options without those that other `init`s read. */
export function readWith(init: InitName, options: TrainOptions): TrainOptions {
  const read = optionsReadBy(findStrategy(strategyOf(init)));
  const isForOthers = (name: string) =>
    (Object.hasOwn(BY_INIT, name) && !Object.hasOwn(read, name)) ||
    (Object.hasOwn(CHOICE, name) && init !== 'auto');
  return Object.fromEntries(Object.entries(options).filter(([name]) => !isForOthers(name)));
}
