import { expect, inject } from 'vitest';
import type { ScenarioResult } from './globalSetup.ts';

/** Expects the bytes that Node gives with one thread; the parts first, since they show where a difference begins. */
export function expectReference(result: ScenarioResult | string, threads = 1): void {
  const received: ScenarioResult = typeof result === 'string' ? JSON.parse(result) : result;
  const reference = inject('reference');
  expect(received.parts).toEqual(reference.parts);
  expect(received.digest).toBe(reference.digest);
  expect(received.threads).toBe(threads);
}
