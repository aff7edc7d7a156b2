import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, inject, it } from 'vitest';
import { output, start } from './child.ts';
import { expectReference } from './scenarioResult.ts';
import { describeOn, toolPath } from './tools.ts';

const PROGRAM = toolPath('next/dist/bin/next');
const environment = { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production', CI: '1' };

function route(runtime: string): string {
  return `import * as llminit from 'llminit';
import { runScenario } from '../../scenario.mjs';

export const runtime = '${runtime}';
export const dynamic = 'force-dynamic';

export async function GET() {
  const loaded = await llminit.load();
  return Response.json({ ...(await runScenario(llminit, loaded)), threads: loaded.threads });
}
`;
}

/** An app with a route for each of the two server runtimes of Next.js. It lies where Next.js and React are found. */
function makeApp(folder: string): void {
  const consumer = inject('consumer');
  for (const runtime of ['edge', 'nodejs']) {
    mkdirSync(join(folder, 'app', runtime), { recursive: true });
    writeFileSync(join(folder, 'app', runtime, 'route.js'), route(runtime));
  }
  writeFileSync(join(folder, 'app/layout.js'), 'export default ({ children }) => children;');
  writeFileSync(join(folder, 'app/page.js'), "export default () => 'llminit';");
  cpSync(join(consumer, 'scenario.mjs'), join(folder, 'scenario.mjs'));
  cpSync(join(consumer, 'node_modules'), join(folder, 'node_modules'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const root = JSON.stringify(toolPath('..'));
  writeFileSync(
    join(folder, 'next.config.mjs'),
    `export default { turbopack: { root: ${root} }, outputFileTracingRoot: ${root} };\n`,
  );
}

describeOn('Next.js', [PROGRAM, toolPath('react'), toolPath('react-dom')], () => {
  for (const bundler of ['turbopack', 'webpack']) {
    describe(`built with ${bundler}`, () => {
      const folder = toolPath(`../next-${bundler}-${process.pid}`);
      afterAll(() => rmSync(folder, { recursive: true, force: true }));

      it('gives the bytes of the reference on the edge and on Node', { timeout: 300_000 }, async () => {
        makeApp(folder);
        const options = { cwd: folder, env: environment, timeoutMs: 240_000 };
        await output(process.execPath, [PROGRAM, 'build', `--${bundler}`], options);
        const server = start(process.execPath, [PROGRAM, 'start', '-p', '0', '-H', '127.0.0.1'], options);
        try {
          const [, address] = await server.until(/(http:\/\/127\.0\.0\.1:\d+)[\s\S]*Ready/);
          for (const runtime of ['edge', 'nodejs']) {
            expectReference(await (await fetch(`${address}/${runtime}`)).text());
          }
        } finally {
          server.stop();
        }
      });
    });
  }
});
