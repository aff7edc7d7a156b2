import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const manifest = JSON.parse(readFileSync(fileURLToPath(new URL('../package.json', import.meta.url)), 'utf8'));

describe('the npm scripts', () => {
  const scripts = Object.entries(manifest.scripts as Record<string, string>);

  it('begin by installing the packages, so that each works in a fresh clone', () => {
    // What `platform` runs needs no packages of ours.
    const others = scripts.filter(([name]) => name !== 'platform');
    expect(others.length).toBeGreaterThan(4);
    expect(
      others.filter(([, line]) => !line.startsWith('node scripts/setup.mjs')).map(([name]) => name),
    ).toEqual([]);
  });

  it('build what they read before they read it', () => {
    expect(manifest.scripts.check).toMatch(/kernels\.mjs && .*tsc/);
    expect(manifest.scripts.size).toMatch(/build\.mjs.* && size-limit/);
  });
});
