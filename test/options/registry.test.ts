import { describe, expect, it } from 'vitest';
import { integer, number } from '../../src/options/builders.ts';
import { nearestName } from '../../src/options/nearest.ts';
import { chosenEntry, optionsOf, type RegistryEntry } from '../../src/options/registry.ts';

const about = 'for tests';
const seed = integer({ about, min: 0, default: 1 });
const ENTRIES: readonly RegistryEntry[] = [
  { name: 'pca', options: { seed } },
  { name: 'whiten', options: { seed, exponent: number({ about, default: 0.5 }) } },
  {
    name: 'graph-pca',
    options: { seed, exponent: number({ about, default: 0.25 }), weight: number({ about, default: 1 }) },
  },
];
const isEntry = (value: object) => 'name' in value && 'options' in value;
const choose = (value: unknown) => chosenEntry(ENTRIES, value, 'strategy', 'initialize', isEntry);

describe('the options of a registry', () => {
  const union = optionsOf(ENTRIES, 'strategy');

  it('are those of all entries, with the entries that read them', () => {
    expect(Object.keys(union)).toEqual(['seed', 'exponent', 'weight']);
    expect(union.seed.readBy).toBeUndefined();
    expect(union.exponent.readBy).toEqual({ strategy: ['whiten', 'graph-pca'] });
    expect(union.weight.readBy).toEqual({ strategy: ['graph-pca'] });
  });

  it('have a default where all entries agree, and else say which has which', () => {
    expect(union.weight.default).toBe(1);
    expect(union.exponent).toMatchObject({
      default: undefined,
      defaultText: '0.5 for whiten, 0.25 for graph-pca',
    });
  });
});

describe('an entry', () => {
  it('is chosen by its name, or brought by the caller', () => {
    expect(choose('whiten')).toBe(ENTRIES[1]);
    const own = { name: 'own', options: {} };
    expect(choose(own)).toBe(own);
  });

  it.each([
    [
      'graphpca',
      'expected strategy to be pca | whiten | graph-pca, received "graphpca". Did you mean graph-pca?',
    ],
    ['variance', 'received "variance". Change strategy'],
    [3, 'received 3'],
    [{ name: 'own' }, 'received an object with name'],
    [null, 'received null'],
  ])('is not found for %o', (value, message) => {
    expect(() => choose(value)).toThrow(message);
  });
});

describe('the nearest name', () => {
  const names = ['epochs', 'strategy', 'k', 'learningRate', 'batchSize'];
  it.each([
    ['epoch', 'epochs'],
    ['stratgy', 'strategy'],
    ['startegy', 'strategy'],
    ['K', 'k'],
    ['learning_rate', 'learningRate'],
    ['batch_size', 'batchSize'],
    ['xyz', null],
  ])('of %s is %s', (given, nearest) => {
    expect(nearestName(given, names)).toBe(nearest);
  });
});
