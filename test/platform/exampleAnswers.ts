import { expect } from 'vitest';
import type { RunningChild } from './child.ts';

/** Asks for a path after `/v1/`. */
export type Ask = (path: string) => Promise<Response>;

export interface Listed {
  id: string;
  title: string;
}

/** Readers of sourdough books borrow others of them. */
export function expectBread(items: readonly Listed[]): void {
  const bread = /Sourdough|Rye|Flatbreads|Grains|Crumb|Bread/;
  expect(items).toHaveLength(3);
  expect(items.filter(({ title }) => !bread.test(title))).toEqual([]);
  expect(items.filter(({ id }) => id === 'b01' || id === 'b02')).toEqual([]);
}

/** Questions that a service must answer, minified or not. */
export async function expectAnswers(ask: Ask): Promise<void> {
  const itemsOf = async (response: Response) => ((await response.json()) as { items: Listed[] }).items;
  expectBread(await itemsOf(await ask('recommendations?history=b01,b02&k=3')));
  expectBread(await itemsOf(await ask('recommendations?history=b01,b02,b99&k=3')));
  const popular = await itemsOf(await ask('popular?k=3'));
  expect(popular).toHaveLength(3);
  expect(popular[0].title).toMatch(/\w/);
  const refused = await ask('similar?item=b99');
  expect(refused.status).toBe(422);
  expect(refused.headers.get('content-type')).toBe('application/problem+json');
  expect(await refused.json()).toMatchObject({
    detail: expect.stringContaining('"b99"'),
    code: 'ERR_LLMINIT_DATA',
  });
}

/** Many at once before the model is open: all of them are answered. */
export async function expectTogether(ask: Ask): Promise<void> {
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask('recommendations?history=b01')));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
}

/** Asks a program that prints where it listens. */
export async function expectServed(server: RunningChild): Promise<void> {
  try {
    const [address] = await server.until(/http:\/\/127\.0\.0\.1:\d+/);
    await expectAnswers((path) => fetch(`${address}/v1/${path}`));
  } finally {
    server.stop();
  }
}
