import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import * as errors from '../src/errors.ts';

const {
  BudgetError,
  DataError,
  FormatError,
  isLlminitError,
  OptionError,
  ShapeError,
  shown,
  UnsupportedError,
  withoutSecrets,
} = errors;
const KINDS = {
  OptionError: [OptionError, 'ERR_LLMINIT_OPTION'],
  ShapeError: [ShapeError, 'ERR_LLMINIT_SHAPE'],
  FormatError: [FormatError, 'ERR_LLMINIT_FORMAT'],
  DataError: [DataError, 'ERR_LLMINIT_DATA'],
  UnsupportedError: [UnsupportedError, 'ERR_LLMINIT_UNSUPPORTED'],
  BudgetError: [BudgetError, 'ERR_LLMINIT_BUDGET'],
} as const;

/** The module as a minifying bundler leaves it: a copy of its own, with classes renamed. */
async function minifiedCopy(): Promise<typeof errors> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../src/errors.ts', import.meta.url))],
    ...{ bundle: true, minify: true, format: 'esm', write: false },
  });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
}

describe('an error', () => {
  it.each(Object.entries(KINDS))(
    '%s has its name, its code and a sentence of three parts',
    (name, [Kind, code]) => {
      const error = new Kind('fit', 'expected epochs ≥ 1, received 0', 'Raise it', 'epochs');
      expect(error).toBeInstanceOf(errors.LlminitError);
      expect(error.message).toBe('fit: expected epochs ≥ 1, received 0. Raise it');
      expect(error).toMatchObject({ name, code, remedy: 'Raise it', option: 'epochs' });
      expect(error.stack).toMatch(new RegExp(`^${name}: fit: `));
    },
  );

  it('names no option where none is at fault', () => {
    expect(new DataError('fit', 'no items', 'Bring some').option).toBeUndefined();
  });

  it('keeps name and code when a minifier renames its class', async () => {
    const copy = await minifiedCopy();
    for (const [name, [, code]] of Object.entries(KINDS)) {
      const Kind = copy[name as keyof typeof KINDS];
      expect(Kind.name).not.toBe(name);
      expect(new Kind('a', 'b', 'c')).toMatchObject({ name, code });
    }
  });

  it('is recognised by another copy of the package, and nothing else is', async () => {
    const copy = await minifiedCopy();
    const foreign = new copy.DataError('a', 'b', 'c');
    expect(foreign).not.toBeInstanceOf(errors.LlminitError);
    expect(isLlminitError(foreign)).toBe(true);
    expect(isLlminitError(foreign, 'ERR_LLMINIT_DATA')).toBe(true);
    expect(isLlminitError(foreign, 'ERR_LLMINIT_OPTION')).toBe(false);
    const others = [
      new Error('a'),
      Object.assign(new Error('a'), { code: 'ENOENT' }),
      null,
      undefined,
      'ERR_LLMINIT_DATA',
    ];
    for (const other of others) expect(isLlminitError(other)).toBe(false);
  });
});

describe('shown', () => {
  it.each<[unknown, string]>([
    ['a', '"a"'],
    [3, '3'],
    [null, 'null'],
    [undefined, 'undefined'],
    [[1, 'b', [2]], '[1, "b", [2]]'],
    [{ epochs: 3, dim: 4 }, 'an object with epochs, dim'],
    [Object.create(null), '[object Object]'],
    [() => 1, 'a function'],
    [Float32Array.of(1, 2), 'a Float32Array of 8 bytes'],
    [Symbol('s'), 'Symbol(s)'],
    [new Map(), '[object Map]'],
  ])('says %o in a few words', (value, text) => {
    expect(shown(value)).toBe(text);
  });

  it('cuts what is long', () => {
    expect(shown('x'.repeat(200))).toHaveLength(78);
  });
});

describe('addresses in errors', () => {
  it.each([
    ['http://ada:secret@host/v1', 'http://[hidden]@host/v1'],
    ['redis://:secret@host:6379/0', 'redis://[hidden]@host:6379/0'],
    ['postgres://ada@host/shop?sslmode=require', 'postgres://[hidden]@host/shop?sslmode=[hidden]'],
    ['https://host/m?sig=secret&v=1: expected', 'https://host/m?sig=[hidden]&v=[hidden]: expected'],
    ['two: http://a:secret@b, https://c:secret@d.', 'two: http://[hidden]@b, https://[hidden]@d.'],
    ['https://host/@scope/name', 'https://host/@scope/name'],
    ['ada@host, 3:4@5, a?b=c', 'ada@host, 3:4@5, a?b=c'],
  ])('show no password and no value of a query: %s', (text, expected) => {
    expect(withoutSecrets(text)).toBe(expected);
    const { message } = new DataError(text, `expected a file, received ${shown(text)}`, text);
    expect(message).not.toContain('secret');
  });

  it('hide passwords that the end of a text would cut', () => {
    expect(shown(`http://ada:${'secret'.repeat(20)}@host`)).toBe('"http://[hidden]@host"');
  });
});
