import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, inject, it } from 'vitest';
import { bindWasm, edgeRuntime, startWorker } from './edgeHosts.ts';
import { expectReference } from './scenarioResult.ts';
import { describeOn, toolPath } from './tools.ts';

const consumer = inject('consumer');

async function answerOfWorker(entry: string, conditions: string[]): Promise<string> {
  const worker = await startWorker(join(consumer, entry), conditions);
  try {
    return await (await worker.dispatchFetch('http://worker/')).text();
  } finally {
    await worker.dispose();
  }
}

describeOn('workerd', [toolPath('miniflare'), toolPath('workerd')], () => {
  const conditions = ['workerd', 'worker', 'browser'];

  it('gives the bytes of the reference, with one thread', async () => {
    expectReference(await answerOfWorker('worker.mjs', conditions));
  });

  it('gives them with the kernels that the application imports', async () => {
    expectReference(await answerOfWorker('workerWithModule.mjs', []));
  });

  it('answers sessions by models of sequences as Node does', async () => {
    const answer = JSON.parse(await answerOfWorker('workerSequences.mjs', conditions));
    const { runSequenceScenario } = await import(join(consumer, 'sequenceScenario.mjs'));
    const [llminit, serve, sequences] = await Promise.all(
      ['index', 'serve', 'sequences'].map(
        (entry) => import(join(consumer, `node_modules/llminit/dist/${entry}.js`)),
      ),
    );
    const expected = await runSequenceScenario(llminit, serve, sequences);
    expect(answer).toEqual(JSON.parse(JSON.stringify(expected)));
    for (const { session } of [answer.sasrec, answer.tiger]) expect(session).toHaveLength(3);
  });

  it('says what to do when a bundler has left out the condition', async () => {
    const answer = await answerOfWorker('workerRefused.mjs', []);
    expect(answer).toMatch(/^UnsupportedError: load: this host did not compile the kernels/);
    expect(answer).toContain("pass { module } imported from 'llminit/kernels.wasm'");
  });
});

describeOn('Vercel edge-runtime', [toolPath('edge-runtime')], () => {
  it('gives the bytes of the reference, with one thread', async () => {
    const { outputFiles } = await build({
      entryPoints: [join(consumer, 'edge.mjs')],
      bundle: true,
      format: 'iife',
      target: 'es2022',
      conditions: ['edge-light'],
      plugins: [bindWasm],
      external: ['@xenova/transformers'],
      write: false,
    });
    const host = await edgeRuntime(outputFiles[0].text, join(consumer, 'node_modules/llminit'));
    expectReference(await (await host.dispatchFetch('http://edge/')).text());
  });
});
