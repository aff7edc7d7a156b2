import { cpSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, inject, it } from 'vitest';
import { output, start } from './child.ts';
import { expectAnswers, expectTogether } from './exampleAnswers.ts';
import { describeOn, toolPath } from './tools.ts';

const PROGRAM = toolPath('next/dist/bin/next');
const examples = fileURLToPath(new URL('../../examples/', import.meta.url));

describeOn('examples/vercel in Next.js', [PROGRAM, toolPath('react'), toolPath('react-dom')], () => {
  // Where Next.js and React are found.
  const folder = toolPath(`../next-example-${process.pid}`);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('answers on Node and on the edge', { timeout: 200_000 }, async () => {
    const consumer = inject('consumer');
    cpSync(join(examples, 'vercel'), folder, { recursive: true });
    cpSync(join(consumer, 'node_modules'), join(folder, 'node_modules'), { recursive: true });
    cpSync(join(examples, 'data'), join(folder, 'data'), { recursive: true });
    cpSync(join(examples, 'node/train.mjs'), join(folder, 'train.mjs'));
    await output(process.execPath, ['train.mjs'], { cwd: folder });
    mkdirSync(join(folder, 'public'));
    cpSync(join(folder, 'model.safetensors'), join(folder, 'public/model.safetensors'));
    const root = JSON.stringify(realpathSync(toolPath('..')));
    const config = readFileSync(join(folder, 'next.config.mjs'), 'utf8').replace(
      'export default {',
      `$& turbopack: { root: ${root} }, outputFileTracingRoot: ${root},`,
    );
    writeFileSync(join(folder, 'next.config.mjs'), config);
    const env = { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production', CI: '1' };
    const options = { cwd: folder, env, timeoutMs: 150_000 };
    await output(process.execPath, [PROGRAM, 'build'], options);
    const traced = readFileSync(join(folder, '.next/server/app/api/[...path]/route.js.nft.json'), 'utf8');
    expect(traced).toContain('public/model.safetensors');
    const server = start(process.execPath, [PROGRAM, 'start', '-p', '0', '-H', '127.0.0.1'], options);
    try {
      const [, address] = await server.until(/(http:\/\/127\.0\.0\.1:\d+)[\s\S]*Ready/);
      for (const route of ['api', 'edge']) {
        const ask = (path: string) => fetch(`${address}/${route}/v1/${path}`);
        await expectTogether(ask);
        await expectAnswers(ask);
      }
    } finally {
      server.stop();
    }
  });
});
