import { OptionError, shown } from '../errors.ts';
import type { Descriptors, OptionDescriptor, Resolved } from './descriptor.ts';
import { nearestName } from './nearest.ts';

/**
 * The options of a call, checked and with their defaults filled in. An option that is undefined counts as left out;
 * one that the others make unread (`readBy`) is undefined in the result.
 *
 * @param where the function that takes them, for errors
 * @param elsewhere options that are read under other circumstances, which their `readBy` names: an error about one of
 *   them says so, instead of calling it unknown
 * @throws {OptionError} when `given` is no object of options, has a name that is not among the descriptors, lacks one
 *   that is required, has a value out of range, or an option that nothing reads beside the others
 */
export function resolveOptions<D extends Descriptors>(
  descriptors: D,
  given: unknown,
  where: string,
  elsewhere: Descriptors = {},
): Resolved<D> {
  return resolveFields(descriptors, given, { where }, elsewhere);
}

/** Where options stand: those of the function `where`, or inside its option `name`. */
interface Place {
  readonly where: string;
  readonly name?: string;
}

/** As `resolveOptions`, also for the fields of an option, whose errors name them as `optimizer.learningRate`. */
export function resolveFields<D extends Descriptors>(
  descriptors: D,
  given: unknown,
  place: Place,
  elsewhere: Descriptors = {},
): Resolved<D> {
  const values = optionsObject(given, place);
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || Object.hasOwn(descriptors, name)) continue;
    if (Object.hasOwn(elsewhere, name))
      refuseUnread(name, elsewhere[name], withDefaults(descriptors, values), place);
    refuseUnknown(name, Object.keys(descriptors), place);
  }
  const resolved: Record<string, unknown> = {};
  for (const [name, descriptor] of inOrder(descriptors)) {
    const value = values[name];
    const read = isRead(descriptor, resolved);
    if (value !== undefined && !read) refuseUnread(name, descriptor, resolved, place);
    const found =
      value === undefined ? descriptor.default : descriptor.check(value, inside(place, name), place.where);
    if (descriptor.required && read && found === undefined) refuseMissing(name, descriptor, place);
    if (read && found !== undefined) resolved[name] = found;
  }
  return resolved as Resolved<D>;
}

type Entries = readonly (readonly [name: string, descriptor: OptionDescriptor])[];

/** The order of each record of descriptors: the same ones are asked for at every request of a service. */
const orders = new WeakMap<Descriptors, Entries>();

/** Those that decide about others come first. */
function inOrder(descriptors: Descriptors): Entries {
  const known = orders.get(descriptors);
  if (known) return known;
  const entries = Object.entries(descriptors);
  const order = [
    ...entries.filter(([, { readBy }]) => !readBy),
    ...entries.filter(([, { readBy }]) => readBy),
  ];
  orders.set(descriptors, order);
  return order;
}

function withDefaults(
  descriptors: Descriptors,
  values: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const names = Object.keys(descriptors);
  return Object.fromEntries(names.map((name) => [name, values[name] ?? descriptors[name].default]));
}

/**
 * For functions that check values themselves: refuses what they would not read.
 * @param names every option, each true; as a type it must name them all
 * @throws {OptionError} when `given` is no object of options, or has a name that is not among `names`
 */
export function checkOptionNames<Options>(
  names: Readonly<Record<keyof Options & string, true>>,
  given: unknown,
  where: string,
): void {
  for (const [name, value] of Object.entries(optionsObject(given, { where })))
    if (value !== undefined && !Object.hasOwn(names, name))
      refuseUnknown(name, Object.keys(names), { where });
}

/** `learningRate`, or `optimizer.learningRate`. */
function inside({ name }: Place, field: string): string {
  return name === undefined ? field : `${name}.${field}`;
}

/** Whether the values of other options let this one be read. */
export function isRead({ readBy }: OptionDescriptor, values: Readonly<Record<string, unknown>>): boolean {
  return (
    readBy === undefined ||
    Object.entries(readBy).every(([other, wanted]) => wanted.includes(String(values[other])))
  );
}

/**
 * The options of a call, or of an option, by name; none where a call leaves them out.
 * @throws {OptionError} for what is no plain object: an array, a function, a signal, a primitive
 */
export function optionsObject(given: unknown, { where, name }: Place): Readonly<Record<string, unknown>> {
  if (given === undefined && name === undefined) return {};
  // Arrays, maps, promises, signals, typed arrays and primitives have other tags.
  if (Object.prototype.toString.call(given) === '[object Object]') return given as Record<string, unknown>;
  const what = name === undefined ? 'an object of options' : `${name} to be an object of options`;
  throw new OptionError(
    where,
    `expected ${what}, received ${shown(given)}`,
    'Pass e.g. {}, or leave it out',
    name,
  );
}

function refuseMissing(name: string, { range, about }: OptionDescriptor, place: Place): never {
  const option = inside(place, name);
  const problem = `expected ${option}, ${range}, received none`;
  throw new OptionError(place.where, problem, `Pass ${option}: ${about}`, option);
}

function refuseUnread(
  name: string,
  { readBy = {} }: OptionDescriptor,
  values: Readonly<Record<string, unknown>>,
  place: Place,
): never {
  const option = inside(place, name);
  const wanted = Object.entries(readBy).map(
    ([other, names]) => `${inside(place, other)} ${alternatives(names)}`,
  );
  const received = Object.keys(readBy).map((other) => plain(values[other]));
  const problem = `expected ${wanted.join(' and ')} beside ${option}, received ${received.join(' and ')}`;
  throw new OptionError(place.where, problem, `Leave ${option} out: nothing reads it`, option);
}

function refuseUnknown(name: string, names: readonly string[], place: Place): never {
  const option = inside(place, name);
  const nearest = nearestName(name, names);
  const problem = `expected options that it reads, received ${option}`;
  const remedy =
    nearest === null ? `It reads ${names.join(', ')}` : `Did you mean ${inside(place, nearest)}?`;
  throw new OptionError(place.where, problem, remedy, option);
}

/** `a, b or c` */
function alternatives(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter((part) => part !== '').join(' or ');
}

/** A name without quotes. */
function plain(value: unknown): string {
  if (value === undefined) return 'none';
  return typeof value === 'string' ? value : shown(value);
}
