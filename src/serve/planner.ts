import { OptionError, shown } from '../errors.ts';
import { integer, oneOf, required } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';
import { resolveOptions } from '../options/resolve.ts';
import type { ModelData } from './modelFile/data.ts';
import { encodeModel } from './modelFile/encode.ts';
import { withoutUsers } from './quantizeModel.ts';
import { type PlaceLimits, SERVING_TARGETS, type ServingTarget, TARGET_LIMITS } from './targets.ts';

/**
 * What decides how much serving a model takes.
 *
 * @example
 * const sizes: ServingSizes = { fileBytes: 5e6, items: 10_000, dim: 128, precision: 'f32', userBytes: 0 };
 * const { fits } = planServing(sizes, 'cloudflare-free');
 */
export interface ServingSizes {
  /** Of the model file. */
  readonly fileBytes: number;
  /** Of the file, gzipped. Default: estimated as nine tenths, since factors hardly shrink. */
  readonly gzippedBytes?: number;
  readonly items: number;
  readonly dim: number;
  readonly precision: 'f32' | 'f16' | 'int8';
  /** Bytes of the file that belong to users; 0 when it has none. */
  readonly userBytes: number;
}

/**
 * One need of a model beside what a platform allows.
 *
 * @example
 * const [check]: readonly ServingCheck[] = planServing(model, 'cloudflare-free').places[0].checks;
 * check.fits; // → true
 */
export interface ServingCheck {
  readonly what: 'file' | 'gzipped' | 'memory' | 'start' | 'first request' | 'request';
  readonly unit: 'bytes' | 'ms';
  /** Measured bytes of the file, estimates of the others. */
  readonly needed: number;
  /** null where the platform publishes none. */
  readonly limit: number | null;
  readonly fits: boolean;
}

/**
 * One place in which the model can lie.
 *
 * @example
 * const places: readonly ServingPlace[] = planServing(model, 'cloudflare-free').places;
 */
export interface ServingPlace {
  readonly place: string;
  readonly fits: boolean;
  readonly checks: readonly ServingCheck[];
}

/**
 * Whether a platform can serve a model.
 *
 * @example
 * const { fits, places, remedy }: ServingPlan = planServing(model, 'cloudflare-free');
 */
export interface ServingPlan {
  readonly target: ServingTarget;
  /** Whether there is a place in which it fits. */
  readonly fits: boolean;
  readonly places: readonly ServingPlace[];
  /**
   * Where it does not fit: options of `llminit export` (`quantizeModel`) that make it fit, by estimate, the mildest; null
   * when none do.
   */
  readonly remedy: string | null;
  /** Where the limits are published. */
  readonly source: string;
}

/** Of a bundle of createHandler and its kernels, minified and gzipped, rounded up: 61 kB in November 2026, with Recommender. */
const PACKAGE_BYTES = 62_000;
/** Of an isolate with the package and no model. */
const ISOLATE_BYTES = 15e6;
/**
 * Processor time, fitted to models of 6,000 and 100,000 items × 128 in f32 and int8, as the first of a process, Node 20 on
 * one core of 2026: opening 5.8, 11.7, 42.9 and 126 ms, the first answer 3.3, 4.0, 5.3 and 12.6 ms.
 */
const OPEN = { base: 3.5, perMegabyte: 2.2 };
const FIRST_ANSWER = { base: 3, perMillion: { f32: 0.75, f16: 0.75, int8: 0.18 } };
/** As above, of later answers: .3 and 2.1 ms in f32, .2 and 1.1 ms in int8. */
const ANSWER = { base: 0.2, perMillion: { f32: 0.15, f16: 0.15, int8: 0.075 } };

const SIZES: DescriptorsOf<ServingSizes> = {
  fileBytes: required(integer({ about: 'bytes of the model file', min: 0 })),
  gzippedBytes: integer({ about: 'bytes of the file, gzipped', min: 0 }),
  items: required(integer({ about: 'how many items', min: 0 })),
  dim: required(integer({ about: 'columns of the factors', min: 0 })),
  precision: required(oneOf(['f32', 'f16', 'int8'], { about: 'how the factors are stored' })),
  userBytes: required(integer({ about: 'bytes of the file that belong to users', min: 0 })),
};

/**
 * Whether a platform can serve a model: bytes, memory, and processor time to open it and to answer, beside what the platform
 * publishes. Bytes of the file are exact, all else is an estimate: a machine may be twice as fast or as slow.
 * @throws {OptionError} for a target that is unknown, or sizes out of range
 * @example
 * const { fits, remedy } = planServing(model, 'cloudflare-free');
 * fits; // → true
 */
export function planServing(model: ModelData | ServingSizes, target: ServingTarget): ServingPlan {
  if (!SERVING_TARGETS.includes(target)) {
    const problem = `expected target to be ${SERVING_TARGETS.join(' | ')}, received ${shown(target)}`;
    throw new OptionError('planServing', problem, 'Pass one of them', 'target');
  }
  const isModel = Object.prototype.toString.call(model) === '[object Object]' && 'itemIds' in model;
  const sizes = isModel
    ? servingSizes(model as ModelData)
    : (resolveOptions(SIZES, model as ServingSizes, 'planServing') as ServingSizes);
  const places = placesOf(sizes, target);
  const fits = places.some((place) => place.fits);
  const remedy = REMEDIES.find(({ smaller }) => fitsSmaller(smaller(sizes), target));
  return {
    target,
    fits,
    places,
    remedy: fits ? null : (remedy?.options ?? null),
    source: TARGET_LIMITS[target].source,
  };
}

/** The sizes of a model. */
export function servingSizes(model: ModelData): ServingSizes {
  const fileBytes = encodeModel(model).length;
  const { userIds, itemIds, dim, precision = 'f32' } = model;
  const codes = model.codes && { ...model.codes, users: null };
  const userBytes =
    userIds.length === 0 ? 0 : Math.max(0, fileBytes - encodeModel({ ...withoutUsers(model), codes }).length);
  return { fileBytes, items: itemIds.length, dim, precision, userBytes };
}

function placesOf(sizes: ServingSizes, target: ServingTarget): ServingPlace[] {
  const { memoryBytes, places } = TARGET_LIMITS[target];
  return places.map((limits) => {
    const checks = checksOf(sizes, limits, memoryBytes);
    return { place: limits.place, fits: checks.every((check) => check.fits), checks };
  });
}

function checksOf(sizes: ServingSizes, limits: PlaceLimits, memoryBytes: number): ServingCheck[] {
  const { fileBytes, gzippedBytes = Math.ceil(0.9 * fileBytes), items, dim, precision } = sizes;
  const millions = (items * dim) / 1e6;
  const open = OPEN.base + OPEN.perMegabyte * (fileBytes / 1e6);
  const first = FIRST_ANSWER.base + FIRST_ANSWER.perMillion[precision] * millions;
  const later = ANSWER.base + ANSWER.perMillion[precision] * millions;
  // While it is opened, the file's bytes lie beside the memory that they are copied to.
  const memory = ISOLATE_BYTES + 2 * fileBytes;
  const atStart = limits.opens === 'start';
  return [
    check('file', 'bytes', fileBytes, limits.fileBytes),
    ...(limits.gzippedBytes === undefined
      ? []
      : [check('gzipped', 'bytes', gzippedBytes + PACKAGE_BYTES, limits.gzippedBytes)]),
    check('memory', 'bytes', memory, memoryBytes),
    ...(atStart ? [check('start', 'ms', open, limits.startMs)] : []),
    check('first request', 'ms', atStart ? first : open + first, limits.requestMs),
    check('request', 'ms', later, limits.requestMs),
  ];
}

function check(
  what: ServingCheck['what'],
  unit: ServingCheck['unit'],
  needed: number,
  limit: number | undefined,
): ServingCheck {
  const fits = limit === undefined || needed <= limit;
  return { what, unit, needed: Math.round(needed * 10) / 10, limit: limit ?? null, fits };
}

interface Remedy {
  /** Of `llminit export`. */
  readonly options: string;
  /** The sizes that a model then has; null where it changes nothing. */
  smaller(sizes: ServingSizes): ServingSizes | null;
}

/** The mildest first. */
const REMEDIES: readonly Remedy[] = [
  { options: '--to f16', smaller: (sizes) => smallerSizes(sizes, 'f16') },
  { options: '--to int8', smaller: (sizes) => smallerSizes(sizes, 'int8') },
  { options: '--to f16 --no-users', smaller: (sizes) => strangersOnly(smallerSizes(sizes, 'f16')) },
  { options: '--to int8 --no-users', smaller: (sizes) => strangersOnly(smallerSizes(sizes, 'int8')) },
];

function fitsSmaller(sizes: ServingSizes | null, target: ServingTarget): boolean {
  return sizes !== null && placesOf(sizes, target).some(({ fits }) => fits);
}

/** Of a model in fewer bits; null where it is not in f32, since what has been made smaller is not made smaller again. */
export function smallerSizes(sizes: ServingSizes, precision: 'f16' | 'int8'): ServingSizes | null {
  const { items, dim, userBytes, fileBytes } = sizes;
  if (sizes.precision !== 'f32' || dim === 0) return null;
  const tableBytes = (rows: number) => rows * (precision === 'f16' ? 2 * dim : dim + 4);
  const itemsSaved = Math.max(0, items * 4 * dim - tableBytes(items));
  // Ids and lists of users stay as they are; at least their rows shrink, of which the share is not known here.
  const { gzippedBytes: _, ...rest } = sizes;
  return { ...rest, precision, fileBytes: Math.max(userBytes, fileBytes - itemsSaved) };
}

function strangersOnly(sizes: ServingSizes | null): ServingSizes | null {
  if (sizes === null || sizes.userBytes === 0) return sizes;
  return { ...sizes, fileBytes: sizes.fileBytes - sizes.userBytes, userBytes: 0 };
}
