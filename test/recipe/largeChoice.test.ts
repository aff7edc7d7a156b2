import { expect, it } from 'vitest';
import { choiceEntries } from '../../src/recipe/candidates/index.ts';
import { forecast } from '../../src/recipe/forecast.ts';
import { sampledUsers, validationSample } from '../../src/recipe/validationSample.ts';
import { split as shop } from './shop.ts';

/** The size of a training on so many interactions, a tenth as many users and a fiftieth as many items. */
function sizeOf(numEdges: number) {
  const [numUsers, numItems] = [numEdges / 10, numEdges / 50];
  const graph = {
    ...{ numUsers, numItems, numNodes: numUsers + numItems, numEdges },
    ...{ maxDegree: 1000, userDegrees: new Int32Array(numUsers).fill(10) },
  };
  return { graph, valid: 5000, test: numUsers, width: null, dataBytes: 0 };
}

const namesOf = (...given: Parameters<typeof choiceEntries>) =>
  choiceEntries(...given).map(({ name }) => name);

it('puts singular vectors in the place of the graph model where the budget pays less than three epochs of it', () => {
  const rows = 'l3ae of clicks alone';
  expect(namesOf(sizeOf(1e6), false, {})[1]).toBe('lightgcn from xavier');
  expect(namesOf(sizeOf(1e7), false, {})).toEqual([rows, 'svd', `svd with ${rows}`]);
  expect(namesOf(sizeOf(1e7), false, { budget: 1e5 })[1]).toBe('lightgcn from xavier');
  // Who asks for one epoch gets one, and a small budget leaves the graph model out, and tries nothing else.
  expect(namesOf(sizeOf(1e7), false, { epochs: 1 })[1]).toBe('lightgcn from xavier');
  expect(namesOf(sizeOf(1e6), false, { budget: 1 })[1]).toBe('lightgcn from xavier');
});

it('pays all of it on ten million interactions, the test included, within a quarter of an hour', () => {
  const size = sizeOf(1e7);
  const told = forecast(choiceEntries(size, false, {}), size, {}, { budget: 600, threads: 1 });
  expect(told.stages.map(({ skipped }) => skipped)).toEqual([null, null, null, null]);
  expect(told.seconds).toBeLessThan(900);
  expect(told.testUsers).toBeGreaterThanOrEqual(20_000);
  expect(told.testUsers).toBeLessThan(size.test);
});

it('draws the users that are ranked for evenly, and all of them where they are few', () => {
  expect(sampledUsers(shop.test, 1e6)).toBe(shop.test);
  expect(validationSample(shop)).toBe(shop);
  const all = [...new Set(shop.test.users)].sort((a, b) => a - b);
  const drawn = sampledUsers(shop.test, 10);
  const step = Math.ceil(all.length / 10);
  expect([...new Set(drawn.users)].sort((a, b) => a - b)).toEqual(all.filter((_, n) => n % step === 0));
});
