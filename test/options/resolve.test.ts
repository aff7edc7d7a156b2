import { describe, expect, it } from 'vitest';
import { isLlminitError, type LlminitError } from '../../src/errors.ts';
import {
  boolean,
  callback,
  instance,
  integer,
  listOf,
  nullable,
  number,
  oneOf,
  text,
} from '../../src/options/builders.ts';
import { fingerprintOf } from '../../src/options/fingerprint.ts';
import { object, variant } from '../../src/options/objects.ts';
import { resolveOptions } from '../../src/options/resolve.ts';

const about = 'for tests';
const OPTIONS = {
  model: oneOf(['lightgcn', 'sgl'], { about, default: 'lightgcn' }),
  epochs: integer({ about, min: 1, default: 300 }),
  seed: integer({ about, min: 0, max: 10 }),
  dropout: number({ about, min: 0, below: 1, default: 0.1, readBy: { model: ['sgl'] } }),
  rate: number({ about, above: 0 }),
  verbose: boolean({ about, default: false, affectsResult: false }),
  name: nullable(text({ about })),
  ks: listOf(integer({ about, min: 1 }), { about, min: 1 }),
  optimizer: variant(
    {
      adam: {
        learningRate: number({ about, above: 0, default: 1e-3 }),
        beta1: number({ about, min: 0, below: 1, default: 0.9 }),
      },
      sgd: { learningRate: number({ about, above: 0, default: 0.1 }) },
    },
    { about, default: { name: 'sgd', learningRate: 0.1 } },
  ),
  regularization: object(
    {
      weight: number({ about, min: 0, default: 1e-5 }),
      form: oneOf(['norm', 'squared'], { about, default: 'norm' }),
    },
    { about, default: { weight: 1e-5, form: 'norm' } },
  ),
  signal: instance<AbortSignal>('an AbortSignal', (value) => 'aborted' in value, { about }),
  onProgress: callback<(done: number) => void>(about),
};
const resolve = (given: unknown) => resolveOptions(OPTIONS, given, 'fit');

function refusal(given: unknown): LlminitError {
  try {
    resolve(given);
  } catch (error) {
    if (isLlminitError(error, 'ERR_LLMINIT_OPTION')) return error;
  }
  throw new Error(`expected an OptionError for ${JSON.stringify(given)}`);
}

describe('resolveOptions', () => {
  it('fills in defaults, of objects inside too, and leaves out what has none or is not read', () => {
    const defaults = {
      model: 'lightgcn',
      epochs: 300,
      verbose: false,
      optimizer: { name: 'sgd', learningRate: 0.1 },
      regularization: { weight: 1e-5, form: 'norm' },
    };
    expect(resolve({})).toEqual(defaults);
    expect(resolve(undefined)).toEqual(defaults);
    expect(resolve({ model: 'sgl', seed: undefined })).toEqual({ ...defaults, model: 'sgl', dropout: 0.1 });
    expect(resolve({ optimizer: { name: 'adam', beta1: 0.5 }, regularization: { weight: 0 } })).toMatchObject(
      {
        optimizer: { name: 'adam', learningRate: 1e-3, beta1: 0.5 },
        regularization: { weight: 0, form: 'norm' },
      },
    );
  });

  it('gives the values that it was given', () => {
    const given = {
      seed: 0,
      ks: [10],
      name: null,
      signal: new AbortController().signal,
      onProgress: () => {},
    };
    expect(resolve(given)).toMatchObject(given);
  });

  it.each<[what: string, given: unknown, message: string, option: string | undefined]>([
    [
      'a misspelled name',
      { epoch: 3 },
      'fit: expected options that it reads, received epoch. Did you mean epochs?',
      'epoch',
    ],
    [
      'a name in another case',
      { EPOCHS: 3 },
      'fit: expected options that it reads, received EPOCHS. Did you mean epochs?',
      'EPOCHS',
    ],
    [
      'a misspelled field',
      { optimizer: { name: 'sgd', learningrate: 1 } },
      'fit: expected options that it reads, received optimizer.learningrate. Did you mean optimizer.learningRate?',
      'optimizer.learningrate',
    ],
    [
      'a number out of range',
      { epochs: 0 },
      'fit: expected epochs to be an integer ≥ 1, received 0. Change epochs, or leave it out for 300',
      'epochs',
    ],
    [
      'a number above the range',
      { seed: 11 },
      'fit: expected seed to be an integer from 0 to 10, received 11. Change seed',
      'seed',
    ],
    [
      'a fraction for an integer',
      { epochs: 1.5 },
      'fit: expected epochs to be an integer ≥ 1, received 1.5. Change epochs, or leave it out for 300',
      'epochs',
    ],
    [
      'a text for a number',
      { epochs: '3' },
      'fit: expected epochs to be an integer ≥ 1, received "3". Change epochs, or leave it out for 300',
      'epochs',
    ],
    ['NaN', { rate: Number.NaN }, 'fit: expected rate to be a number > 0, received NaN. Change rate', 'rate'],
    [
      'a bound that may not be reached',
      { model: 'sgl', dropout: 1 },
      'fit: expected dropout to be a number in [0, 1), received 1. Change dropout, or leave it out for 0.1',
      'dropout',
    ],
    [
      'an unknown choice',
      { model: 'gcn' },
      'fit: expected model to be lightgcn | sgl, received "gcn". Change model, or leave it out for "lightgcn"',
      'model',
    ],
    [
      'null',
      { epochs: null },
      'fit: expected epochs to be an integer ≥ 1, received null. Change epochs, or leave it out for 300',
      'epochs',
    ],
    [
      'a text for true',
      { verbose: 'yes' },
      'fit: expected verbose to be true or false, received "yes". Change verbose, or leave it out for false',
      'verbose',
    ],
    [
      'a blank text',
      { name: ' ' },
      'fit: expected name to be a text that is not blank, received " ". Change name',
      'name',
    ],
    [
      'an element out of range',
      { ks: [10, 0] },
      'fit: expected ks to be a list of which each is an integer ≥ 1, received [10, 0]. Change ks',
      'ks',
    ],
    [
      'an empty list that needs an element',
      { ks: [] },
      'fit: expected ks to be a list of which each is an integer ≥ 1, received []. Change ks',
      'ks',
    ],
    [
      'an unknown kind',
      { optimizer: { name: 'lion' } },
      'fit: expected optimizer.name to be adam | sgd, received "lion". Change optimizer.name, or leave it out for "sgd"',
      'optimizer.name',
    ],
    [
      'a text for an object',
      { optimizer: 'sgd' },
      'fit: expected optimizer to be an object of options, received "sgd". Pass e.g. {}, or leave it out',
      'optimizer',
    ],
    [
      'a field out of range',
      { optimizer: { name: 'adam', beta1: 1 } },
      'fit: expected optimizer.beta1 to be a number in [0, 1), received 1. Change optimizer.beta1, or leave it out for 0.9',
      'optimizer.beta1',
    ],
    [
      'a field of another kind',
      { optimizer: { name: 'sgd', beta1: 0.5 } },
      'fit: expected optimizer.name adam beside optimizer.beta1, received sgd. Leave optimizer.beta1 out: nothing reads it',
      'optimizer.beta1',
    ],
    [
      'an option that nothing reads',
      { dropout: 0.2 },
      'fit: expected model sgl beside dropout, received lightgcn. Leave dropout out: nothing reads it',
      'dropout',
    ],
    [
      'no signal',
      { signal: {} },
      'fit: expected signal to be an AbortSignal, received [object Object]. Change signal',
      'signal',
    ],
    [
      'no function',
      { onProgress: 3 },
      'fit: expected onProgress to be a function, received 3. Change onProgress',
      'onProgress',
    ],
    [
      'a number for options',
      3,
      'fit: expected an object of options, received 3. Pass e.g. {}, or leave it out',
      undefined,
    ],
    [
      'an array for options',
      [1],
      'fit: expected an object of options, received [1]. Pass e.g. {}, or leave it out',
      undefined,
    ],
    [
      'null for options',
      null,
      'fit: expected an object of options, received null. Pass e.g. {}, or leave it out',
      undefined,
    ],
    [
      'a signal for options',
      new AbortController().signal,
      'fit: expected an object of options, received [object AbortSignal]. Pass e.g. {}, or leave it out',
      undefined,
    ],
  ])('refuses %s', (_, given, message, option) => {
    expect(refusal(given)).toMatchObject({ message, option });
  });

  it('tells an option that is read under other circumstances from an unknown one', () => {
    const elsewhere = { exponent: number({ about, readBy: { strategy: ['whiten'] } }) };
    const given = { strategy: 'pca', exponent: 1 };
    expect(() => resolveOptions({ strategy: text({ about }) }, given, 'initialize', elsewhere)).toThrow(
      'initialize: expected strategy whiten beside exponent, received pca. Leave exponent out: nothing reads it',
    );
  });
});

describe('parse', () => {
  it.each<[keyof typeof OPTIONS, string, unknown]>([
    ['epochs', '12', 12],
    ['epochs', '0', undefined],
    ['epochs', '1.5', undefined],
    ['epochs', '0x10', undefined],
    ['epochs', '', undefined],
    ['rate', '1e-3', 0.001],
    ['rate', '-1', undefined],
    ['rate', 'Infinity', undefined],
    ['model', 'sgl', 'sgl'],
    ['model', 'gcn', undefined],
    ['verbose', 'true', true],
    ['verbose', '1', undefined],
    ['name', 'a', 'a'],
    ['ks', '10, 20', [10, 20]],
    ['ks', '10,x', undefined],
    ['signal', 'x', undefined],
  ])('%s of %o is %o', (name, given, value) => {
    expect(OPTIONS[name].parse(given)).toEqual(value);
  });
});

describe('fingerprintOf', () => {
  it('holds what decides the result and is read, with null for what is left out', () => {
    const part = (given: unknown) => fingerprintOf(OPTIONS, resolve(given));
    expect(part({ verbose: true, onProgress: () => {} })).toEqual({
      ...{ model: 'lightgcn', epochs: 300, seed: null, rate: null, name: null, ks: null },
      optimizer: { name: 'sgd', learningRate: 0.1 },
      regularization: { weight: 1e-5, form: 'norm' },
    });
    expect(part({ model: 'sgl' })).toMatchObject({ dropout: 0.1 });
    expect(part({ epochs: 300, optimizer: { name: 'sgd' } })).toEqual(part({}));
  });
});
