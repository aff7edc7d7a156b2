import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../bench/lifetimes.mjs', import.meta.url));

it('recommenders, runtimes, trainings and thread pools that are opened and closed leave memory where it was', {
  timeout: 240_000,
}, () => {
  // It ends with 1 where a process has grown, and prints how large each of them was.
  const printed = execFileSync(process.execPath, [script, '--times', '200'], { encoding: 'utf8' });
  for (const kind of ['recommenders', 'runtimes', 'trainings', 'pools']) expect(printed).toContain(kind);
});
