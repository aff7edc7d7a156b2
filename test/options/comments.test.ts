import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SPLIT_OPTIONS } from '../../src/data/splits.ts';
import { EVALUATE_OPTIONS } from '../../src/evaluate/evaluate.ts';
import { INITIALIZE_OPTIONS } from '../../src/init/options.ts';
import { INIT_STRATEGIES } from '../../src/init/strategies/index.ts';
import type { Descriptors } from '../../src/options/descriptor.ts';
import { FIT_OPTIONS } from '../../src/train/fitOptions.ts';

/** The comment before a member of an interface; undefined where it has none. */
function commentOf(source: string, member: string): string | undefined {
  const found = new RegExp(`/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*(?:readonly )?${member}\\?:`).exec(source);
  return found?.[1].replace(/\s*\n\s*\*\s*/g, ' ');
}

const CASES: readonly [where: string, file: string, descriptors: Descriptors][] = [
  ['fit', 'train/options.ts', FIT_OPTIONS],
  ['evaluate', 'evaluate/evaluate.ts', EVALUATE_OPTIONS],
  ['leaveOneOut', 'data/splits.ts', SPLIT_OPTIONS],
  [
    'initialize',
    'init/options.ts',
    { seed: INITIALIZE_OPTIONS.seed, normalize: INITIALIZE_OPTIONS.normalize },
  ],
  ...INIT_STRATEGIES.filter(({ options }) => Object.keys(options).length > 0).map(
    ({ name, options }): [string, string, Descriptors] => {
      const file = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
      return [
        name,
        `init/strategies/${file}.ts`,
        name === 'graph-pca' ? { graphWeight: options.graphWeight } : options,
      ];
    },
  ),
];

describe('comments tell the defaults that are declared', () => {
  it.each(CASES)('of %s', (_, file, descriptors) => {
    const source = readFileSync(new URL(`../../src/${file}`, import.meta.url), 'utf8');
    for (const [name, { default: value }] of Object.entries(descriptors)) {
      if (typeof value !== 'number' && typeof value !== 'string' && typeof value !== 'boolean') continue;
      expect(commentOf(source, name), name).toMatch(
        new RegExp(`[Dd]efault:? \`?${value}\\b|\`${value}\` \\(default\\)`),
      );
    }
  });
});
