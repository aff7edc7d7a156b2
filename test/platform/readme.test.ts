import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { output } from './child.ts';

it('the first sample of the README runs as it stands and prints what stands below it', async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [, sample, printed] = /```js\n([\s\S]*?)```\n```text\n([\s\S]*?)```/.exec(readme) ?? [];
  // One screen: the lines that a person pastes are few.
  expect(sample.trim().split('\n').length).toBeLessThanOrEqual(15);
  const file = join(inject('consumer'), 'first.mjs');
  writeFileSync(file, sample);
  const env = { NO_COLOR: '1' };
  expect(await output(process.execPath, [file], { cwd: inject('consumer'), env })).toBe(printed);
});
