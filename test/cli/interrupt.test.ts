import { expect, test } from 'vitest';
import { Interrupted } from '../../src/cli/errors.ts';
import { atOnce, interruptible } from '../../src/cli/interrupt.ts';

const count = () => process.listenerCount('SIGINT');

test('nobody listens to Ctrl-C during work that holds the event loop, so that it ends the process at once', async () => {
  const before = count();
  const seen = await interruptible(async () => {
    const listening = count();
    const meanwhile = await atOnce(count);
    await expect(atOnce(() => JSON.parse('{'))).rejects.toThrow(SyntaxError);
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
    await expect(atOnce(count)).rejects.toThrow(Interrupted);
    signal.throwIfAborted();
  });
  await expect(stopped).rejects.toThrow(Interrupted);
});

test('a Ctrl-C that comes while the loop is held is heard before the work that nobody would hear it in', async () => {
  let begun = false;
  const stopped = interruptible(async () => {
    process.kill(process.pid, 'SIGINT');
    // As work does that holds the loop while the signal arrives.
    const end = performance.now() + 50;
    while (performance.now() < end);
    await atOnce(() => {
      begun = true;
    });
  });
  await expect(stopped).rejects.toThrow(Interrupted);
  expect(begun).toBe(false);
});
