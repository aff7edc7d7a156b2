import { OptionError, shown } from '../../errors.ts';
import { didYouMean } from '../../options/nearest.ts';

/**
 * The types of columns; see `AttributeColumn`.
 *
 * @example
 * const type: AttributeType = attributesOf({ price: [3] }).price.type;
 * type; // → 'number'
 */
export type AttributeType = 'number' | 'boolean' | 'text' | 'tags';

/**
 * The value of an item in a column; null: it has none.
 *
 * @example
 * const values: AttributeValue[] = [9.5, null, 12];
 * const attributes = attributesOf({ price: values });
 */
export type AttributeValue = string | number | boolean | readonly string[] | null;

/**
 * A value that a condition compares with.
 *
 * @example
 * const brand: Operand = 'Oakley';
 * const where: Where = { brand };
 */
export type Operand = string | number | boolean;

/**
 * What a column must be. Several operators together must all hold. An item without a value meets `ne`, `nin` and
 * `exists: false` and no other.
 *
 * @example
 * const price: Condition = { gte: 5, lt: 20 };
 * const where: Where = { price };
 */
export interface Condition {
  readonly eq?: Operand;
  readonly ne?: Operand;
  readonly in?: readonly Operand[];
  readonly nin?: readonly Operand[];
  /** Numbers only, as the next three. */
  readonly lt?: number;
  readonly lte?: number;
  readonly gt?: number;
  readonly gte?: number;
  /** Tags only: one of the item's. */
  readonly has?: string;
  /** Tags only: at least one of them. */
  readonly hasAny?: readonly string[];
  /** Tags only: all of them. */
  readonly hasAll?: readonly string[];
  /** Whether the item has a value. */
  readonly exists?: boolean;
}

/**
 * Which items may be returned, by columns of the catalogue that the model keeps: `{ category: 'Books', price: { lt: 20 },
 * tags: { has: 'new' } }`. All parts must hold; a list stands for `in`, null for `exists: false`. `and`, `or` and `not`
 * combine further expressions.
 *
 * @example
 * const where: Where = { price: { lt: 20 }, tags: { has: 'new' } };
 */
export interface Where {
  readonly [column: string]:
    | Operand
    | null
    | readonly Operand[]
    | Condition
    | Where
    | readonly Where[]
    | undefined;
}

/** What may be asked of a column of a type. */
export const OPERATORS: Readonly<Record<AttributeType, readonly (keyof Condition)[]>> = {
  number: ['eq', 'ne', 'in', 'nin', 'lt', 'lte', 'gt', 'gte', 'exists'],
  boolean: ['eq', 'ne', 'exists'],
  text: ['eq', 'ne', 'in', 'nin', 'exists'],
  tags: ['has', 'hasAny', 'hasAll', 'exists'],
};

/** Names that no column may have. */
export const RESERVED: readonly string[] = ['and', 'or', 'not'];

/** An expression as a tree: conditions with one operator each, typed. */
export type WhereTree =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly WhereTree[] }
  | { readonly kind: 'not'; readonly part: WhereTree }
  | {
      readonly kind: 'test';
      readonly column: string;
      readonly operator: keyof Condition;
      readonly operand: Operand | readonly Operand[];
    };

/**
 * Types of columns by name.
 *
 * @example
 * const types: AttributeTypes = { price: 'number', tags: 'tags' };
 */
export type AttributeTypes = Readonly<Record<string, AttributeType>>;

/** Nesting beyond this is refused, before it could exhaust the stack. */
const MOST_DEPTH = 32;

/**
 * Checks an expression against the columns.
 * @throws {OptionError} for columns that the model does not have, operators that a column's type does not know, values of
 *   another type
 */
export function checkedWhere(where: unknown, types: AttributeTypes, depth = 0): WhereTree {
  const given = plainObject(where, 'an object of conditions by column');
  if (depth > MOST_DEPTH)
    refuse(`expected at most ${MOST_DEPTH} levels, received more`, 'Flatten the expression');
  const parts = Object.entries(given)
    .filter(([, condition]) => condition !== undefined)
    .map(([name, condition]) => checkedPart(name, condition, types, depth));
  return parts.length === 1 ? parts[0] : { kind: 'and', parts };
}

function checkedPart(name: string, condition: unknown, types: AttributeTypes, depth: number): WhereTree {
  if (name === 'not') return { kind: 'not', part: checkedWhere(condition, types, depth + 1) };
  if (name === 'and' || name === 'or') {
    if (!Array.isArray(condition) || condition.length === 0)
      refuse(
        `expected ${name} to be a list of expressions, received ${shown(condition)}`,
        'Pass e.g. [{ … }, { … }]',
      );
    return { kind: name, parts: condition.map((part) => checkedWhere(part, types, depth + 1)) };
  }
  const type = typeOf(name, types);
  const tests = Object.entries(asCondition(condition, name, type)).filter(
    ([, operand]) => operand !== undefined,
  );
  if (tests.length === 0)
    refuse(
      `expected an operator for ${name}, received ${shown(condition)}`,
      `Pass e.g. { ${OPERATORS[type][0]}: … }`,
    );
  const parts = tests.map(([operator, operand]) => checkedTest(name, type, operator, operand));
  return parts.length === 1 ? parts[0] : { kind: 'and', parts };
}

/** @throws {OptionError} when the model does not keep a column of this name */
export function typeOf(name: string, types: AttributeTypes): AttributeType {
  if (Object.hasOwn(types, name)) return types[name];
  const kept = Object.keys(types);
  const columns =
    kept.length > 0 ? `the columns that the model keeps (${kept.join(', ')})` : 'a model that keeps columns';
  return refuse(
    `expected ${columns}, received ${shown(name)}`,
    didYouMean(name, kept, 'Keep the column when the model is made (--keep)'),
  );
}

function asCondition(condition: unknown, name: string, type: AttributeType): Record<string, unknown> {
  if (condition === null) return { exists: false };
  if (Array.isArray(condition)) return type === 'tags' ? { hasAny: condition } : { in: condition };
  if (typeof condition !== 'object') return type === 'tags' ? { has: condition } : { eq: condition };
  return plainObject(condition, `a condition of ${name}`);
}

/** One operator, typed. @throws {OptionError} when it is not one of the type, or its value is of another type */
export function checkedTest(
  column: string,
  type: AttributeType,
  operator: string,
  operand: unknown,
): WhereTree {
  if (!(OPERATORS[type] as readonly string[]).includes(operator)) {
    const problem = `expected an operator of ${type} columns (${OPERATORS[type].join(', ')}) for ${column}, received ${operator}`;
    refuse(problem, 'Use one of them');
  }
  const known = operator as keyof Condition;
  const isList = ['in', 'nin', 'hasAny', 'hasAll'].includes(operator);
  if (isList && !Array.isArray(operand))
    refuse(`expected ${column} ${operator} to have a list, received ${shown(operand)}`, 'Pass a list');
  const wanted = operator === 'exists' ? 'boolean' : type === 'tags' ? 'text' : type;
  const values = isList ? (operand as unknown[]) : [operand];
  const wrong = values.find((value) => !isOf(wanted, value));
  if (values.length > 0 && values.some((value) => !isOf(wanted, value)))
    refuse(
      `expected ${column} ${operator} to compare with a ${wanted}, received ${shown(wrong)}`,
      `${column} holds ${type}`,
    );
  return { kind: 'test', column, operator: known, operand: operand as Operand | readonly Operand[] };
}

function isOf(type: AttributeType, value: unknown): boolean {
  if (type === 'number') return typeof value === 'number' && !Number.isNaN(value);
  return typeof value === (type === 'boolean' ? 'boolean' : 'string');
}

function plainObject(value: unknown, what: string): Record<string, unknown> {
  if (Object.prototype.toString.call(value) === '[object Object]') return value as Record<string, unknown>;
  return refuse(`expected ${what}, received ${shown(value)}`, "Pass e.g. { category: 'Books' }");
}

function refuse(problem: string, remedy: string): never {
  throw new OptionError('where', problem, remedy, 'where');
}
