import type { JsonValue } from '../format/json.ts';

/**
 * One option of a function, declared once: the check of its values, its default, its part of a fingerprint, its flag,
 * its help text and the words of its errors derive from here. Its name is its key in a record of `Descriptors`.
 *
 * @example
 * const descriptor: OptionDescriptor = findClosedModel('ease')!.options.regularization;
 * descriptor.type; // → 'number'
 */
export interface OptionDescriptor<T = unknown, Default extends T | undefined = T | undefined> {
  readonly type: 'integer' | 'number' | 'boolean' | 'text' | 'choice' | 'list' | 'object' | 'function';
  /** What may be passed, as it stands in errors and help texts: `an integer ≥ 1`. */
  readonly range: string;
  /** The same as JSON Schema, for documents that describe an interface; undefined for what JSON cannot hold. */
  readonly schema?: Readonly<Record<string, JsonValue>>;
  /** undefined where leaving the option out means something of its own, or where other options decide. */
  readonly default: Default;
  /** What it is for, in a few words without its default. */
  readonly about: string;
  /** The default in words, where it is no single value: `2; 0 for bpr-mf`. */
  readonly defaultText?: string;
  /** Where the default comes from: a paper, its authors' configuration, a measurement. */
  readonly source?: string;
  /** On the command line, e.g. `--batch <n>`; undefined where it cannot be set there. */
  readonly flag?: string;
  /** Whether it must be given. Default false. */
  readonly required?: boolean;
  /** The option is read only where other options have one of these values, e.g. `{ model: ['sgl', 'sgcl'] }`. */
  readonly readBy?: Readonly<Record<string, readonly string[]>>;
  /** false where it does not decide the result and is no part of a fingerprint. Default true. */
  readonly affectsResult?: boolean;
  /** Options inside an object, by name: `learningRate` of `optimizer`. Those of every variant, where it has several. */
  readonly fields?: Descriptors;
  /**
   * The value, with the defaults of an object's fields filled in.
   * @param name stands in errors, e.g. `optimizer`
   * @param where stands first in errors, e.g. `fit`
   * @throws {OptionError} unless the value is in range
   */
  check(value: unknown, name: string, where: string): T;
  /** Its part of a fingerprint. Default: the value itself. */
  fingerprint?(value: T): JsonValue;
  /** The value that a text means, as a flag or a query of an URL gives it; undefined where it means none. */
  parse(text: string): T | undefined;
}

/**
 * Options by name.
 *
 * @example
 * const { options }: { options: Descriptors } = findClosedModel('ease')!;
 * console.log(Object.keys(options));
 */
export type Descriptors = Readonly<Record<string, OptionDescriptor>>;

/**
 * The descriptors that a type of options needs: a new option without one does not compile.
 *
 * @example
 * type Descriptors = DescriptorsOf<{ strength?: number }>;
 * const names: (keyof Descriptors)[] = ['strength'];
 */
export type DescriptorsOf<Options> = {
  readonly [Name in keyof Options]-?: OptionDescriptor<Exclude<Options[Name], undefined>>;
};

/** The descriptors of a type of options, whose members keep their comments in an editor. */
export type Described<Options, D extends DescriptorsOf<Options>> = {
  readonly [Name in keyof Options]-?: D[Name];
};

/** `describe<Options>()(descriptors)`: the descriptors, with the comments of `Options`. */
export function describe<Options>() {
  // The same members by another type: TypeScript does not see that D has a member for each of Options.
  return <D extends DescriptorsOf<Options>>(descriptors: D) =>
    descriptors as unknown as Described<Options, D>;
}

/**
 * Values with defaults filled in; undefined is left where there is no default.
 *
 * @example
 * function strengthOf(settings: Resolved<{ strength: OptionDescriptor<number, number> }>) {
 *   return settings.strength;
 * }
 */
export type Resolved<D extends Descriptors> = {
  readonly [Name in keyof D]: D[Name] extends OptionDescriptor<infer T, infer Default>
    ? undefined extends Default
      ? T | undefined
      : T
    : never;
};
