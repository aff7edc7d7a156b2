import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cli } from './runCli.ts';
import { csv, smallShop } from './smallShop.ts';

/** What each command of 0.1.0 printed with --json on the small shop, as paths: `runs[].metrics.ndcg@10`. */
const { json: recorded } = JSON.parse(
  readFileSync(new URL('../fixtures/v1/interface.json', import.meta.url), 'utf8'),
) as { json: Record<string, { arguments: string[]; keys: string[] }> };

let cli: Cli;
beforeAll(async () => {
  cli = await Cli.create();
  const { interactions, items } = smallShop();
  cli.write('ratings.csv', csv(['user_id', 'item_id', 'rating', 'timestamp'], interactions));
  cli.write('products.csv', csv(['item_id', 'title', 'description'], items));
});
afterAll(() => cli.remove());

function keysOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((entry) => keysOf(entry, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, entry]) => {
    const own = path === '' ? key : `${path}.${key}`;
    return [own, ...keysOf(entry, own)];
  });
}

describe('the document of --json', () => {
  // In this order, since some read the model that train writes.
  for (const [command, { arguments: args, keys }] of Object.entries(recorded)) {
    it(`of ${command} has the keys that it had in 0.1.0`, () => {
      const found = new Set(keysOf(cli.json(...args)));
      expect(keys.length).toBeGreaterThan(5);
      expect(keys.filter((key) => !found.has(key))).toEqual([]);
    });
  }
});
