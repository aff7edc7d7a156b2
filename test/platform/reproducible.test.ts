import { fileURLToPath } from 'node:url';
import { expect, inject, it } from 'vitest';
import { output } from './child.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));

it('the package has the same bytes when it is built in a folder of another name', {
  timeout: 300_000,
}, async () => {
  const args = ['scripts/reproducible.mjs', inject('tarball')];
  const printed = await output(process.execPath, args, { cwd: project, timeoutMs: 290_000 });
  expect(printed).toMatch(/^sha256 [0-9a-f]{64}$/m);
});
