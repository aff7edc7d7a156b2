/**
 * What `code` says, by class: stable across versions, and the same in a minified bundle.
 *
 * @example
 * const code: ErrorCode = 'ERR_LLMINIT_DATA';
 * isLlminitError(new Error('other'), code); // → false
 */
export type ErrorCode =
  | 'ERR_LLMINIT_OPTION'
  | 'ERR_LLMINIT_SHAPE'
  | 'ERR_LLMINIT_FORMAT'
  | 'ERR_LLMINIT_DATA'
  | 'ERR_LLMINIT_UNSUPPORTED'
  | 'ERR_LLMINIT_BUDGET';

/**
 * Base of every error this package throws on purpose. To tell them apart, compare `code`, or use `isLlminitError`.
 *
 * @example
 * try {
 *   IdTable.of(['a', 'a']);
 * } catch (error) {
 *   if (error instanceof LlminitError) console.log(error.code, error.message, error.remedy);
 * }
 */
export abstract class LlminitError extends Error {
  /** Tells the kind of error in every bundle and across copies of this package, where `instanceof` does not. */
  abstract readonly code: ErrorCode;
  /** What to do about it. */
  readonly remedy: string;
  /**
   * The option at fault by its name in the API, e.g. `batchSize` or `optimizer.learningRate`, so that a front end can
   * name its own flag or field for it; undefined where the fault is of no one option.
   */
  readonly option: string | undefined;

  /**
   * @param where function or command, e.g. `selectColumns` or `reviews.csv:12`
   * @param problem what was expected and what was received
   * @param remedy what to do
   * @param option name of the option at fault
   */
  constructor(where: string, problem: string, remedy: string, option?: string) {
    super(withoutSecrets(`${where}: ${problem}. ${remedy}`));
    this.remedy = remedy;
    this.option = option;
  }
}

// Names are literals, since minifiers rename classes.

/**
 * An option or argument outside its range or of another type: `k = 0`, an unknown strategy name.
 *
 * @example
 * try {
 *   recommender.recommend('u1', { k: -1 });
 * } catch (error) {
 *   if (error instanceof OptionError) console.log(error.option);
 * }
 */
export class OptionError extends LlminitError {
  readonly code = 'ERR_LLMINIT_OPTION';
  override get name() {
    return 'OptionError';
  }
}

/**
 * Matrices, id lists or vectors whose sizes do not fit together.
 *
 * @example
 * try {
 *   columnVariance(runtime, new Float32Array(5), 2);
 * } catch (error) {
 *   if (error instanceof ShapeError) console.log(error.message);
 * }
 */
export class ShapeError extends LlminitError {
  readonly code = 'ERR_LLMINIT_SHAPE';
  override get name() {
    return 'ShapeError';
  }
}

/**
 * A file that is truncated, corrupt, of another version, or not of the form its name promises.
 *
 * @example
 * try {
 *   decodeModel(new Uint8Array(20), 'model.safetensors');
 * } catch (error) {
 *   error instanceof FormatError; // true
 * }
 */
export class FormatError extends LlminitError {
  readonly code = 'ERR_LLMINIT_FORMAT';
  override get name() {
    return 'FormatError';
  }
}

/**
 * Data that can be read but not used: no rating column, an unknown user, nothing left after k-core, NaN.
 *
 * @example
 * try {
 *   await readInteractions('user,item\na,x\nb\n', { name: 'clicks.csv' });
 * } catch (error) {
 *   if (!(error instanceof DataError)) throw error;
 *   console.log(error.message);
 * }
 */
export class DataError extends LlminitError {
  readonly code = 'ERR_LLMINIT_DATA';
  override get name() {
    return 'DataError';
  }
}

/**
 * The runtime or the chosen combination of options cannot do this.
 *
 * @example
 * try {
 *   await load();
 * } catch (error) {
 *   if (error instanceof UnsupportedError) console.log('no WebAssembly SIMD here:', error.message);
 *   else throw error;
 * }
 */
export class UnsupportedError extends LlminitError {
  readonly code = 'ERR_LLMINIT_UNSUPPORTED';
  override get name() {
    return 'UnsupportedError';
  }
}

/**
 * A job that does not fit the memory it may use.
 *
 * @example
 * try {
 *   await train({ split }, { maxProcessBytes: 1e6 });
 * } catch (error) {
 *   if (error instanceof BudgetError) console.log(error.message);
 *   else throw error;
 * }
 */
export class BudgetError extends LlminitError {
  readonly code = 'ERR_LLMINIT_BUDGET';
  override get name() {
    return 'BudgetError';
  }
}

/**
 * Whether an error is one of this package's, thrown by whichever copy of it (`llminit` and `llminit/serve` may be
 * bundled apart), and of the kind `code` if one is given.
 *
 * @example
 * try {
 *   recommender.recommend('nobody', { fallback: 'none' });
 * } catch (error) {
 *   if (!isLlminitError(error)) throw error;
 *   console.log(error.code, error.remedy);
 * }
 */
export function isLlminitError(error: unknown, code?: ErrorCode): error is LlminitError {
  // Not by instanceof, which another realm's errors fail too.
  if (typeof error !== 'object' || error === null || !('code' in error && 'remedy' in error)) return false;
  const { code: found } = error;
  return typeof found === 'string' && found.startsWith('ERR_LLMINIT_') && found === (code ?? found);
}

const ADDRESS = /\b([a-z][a-z0-9+.-]*:\/\/)([^\s/?#"'<>@]*@)?([^\s?#"'<>]*)(\?[^\s#"'<>]*[^\s#"'<>:.,;)])?/gi;

/**
 * A text in which the addresses show no user names, no passwords, and no values of a query, any of which may be a key. Such texts
 * go into logs.
 */
export function withoutSecrets(text: string): string {
  if (!text.includes('://')) return text;
  return text.replace(ADDRESS, (_, scheme: string, user = '', place: string, query = '') => {
    const values = query.replace(/=[^&]+/g, '=[hidden]');
    return `${scheme}${user === '' ? '' : '[hidden]@'}${place}${values}`;
  });
}

/**
 * A value of any type in a few words for an error message: `"a"`, `3`, `[1, 2]`, `an object with a, b`.
 *
 * @example
 * `expected a number, received ${shown('many')}`; // → 'expected a number, received "many"'
 */
export function shown(value: unknown): string {
  const text = withoutSecrets(described(value));
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

function described(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return `[${value.slice(0, 20).map(described).join(', ')}]`;
  if (ArrayBuffer.isView(value))
    return `a ${Object.prototype.toString.call(value).slice(8, -1)} of ${value.byteLength} bytes`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Error) return String(value);
  const keys = Object.keys(value);
  return keys.length > 0 ? `an object with ${keys.join(', ')}` : Object.prototype.toString.call(value);
}
