import { expect, test } from 'vitest';
import { Interrupted } from '../../src/cli/errors.ts';
import { atOnce, interruptible } from '../../src/cli/interrupt.ts';

const count = () => process.listenerCount('SIGINT');

test('nobody listens to Ctrl-C during work that holds the event loop, so that it ends the process at once', async () => {
  const before = count();
  const seen = await interruptible(async () => {
    const listening = count();
    const meanwhile = atOnce(count);
    expect(() => atOnce(() => JSON.parse('{'))).toThrow(SyntaxError);
    return { listening, meanwhile, after: count() };
  });
  expect(seen).toEqual({ listening: before + 1, meanwhile: before, after: before + 1 });
  expect(count()).toBe(before);
});

test('the first Ctrl-C aborts the job, and from then on nobody listens', async () => {
  const before = count();
  const stopped = interruptible(async (signal) => {
    process.emit('SIGINT');
    expect(count()).toBe(before);
    expect(atOnce(count)).toBe(before);
    signal.throwIfAborted();
  });
  await expect(stopped).rejects.toThrow(Interrupted);
});
