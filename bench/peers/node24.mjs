// The GEMM of the relaxed build, and the ceiling beside it, in Node 24: Node 20 knows no relaxed SIMD.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { mulAddCeiling } from '../ceilings.mjs';

/** Where `npm run platform` puts it. */
const NODE_24 = '.platform/node_modules/node24/bin/node';
const WORKER = fileURLToPath(new URL('node24Worker.mjs', import.meta.url));

/**
 * Two contestants that run in one process of Node 24: the product of a [rows × dim] and b [columns × dim] by the relaxed
 * build, and 128-bit multiplications and additions.
 */
export function relaxedGemm(names, a, b, dim) {
  const node = process.versions.node.startsWith('24.') ? process.execPath : NODE_24;
  if (!existsSync(node)) return names.map((name) => ({ name, absent: 'npm run platform installs Node 24' }));
  const child = fork(WORKER, { execPath: node, execArgv: [], serialization: 'advanced' });
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`Node 24 ended with ${code}`)));
  ended.catch(() => {});
  const ask = async (message) => {
    const answer = once(child, 'message');
    child.send(message);
    return (await Promise.race([answer, ended]))[0];
  };
  const ready = ask({ a, b, dim });
  const contestant = (name, work) => ({
    name,
    run: async () => {
      await ready;
      return ask(work);
    },
  });
  return [
    {
      ...contestant(names[0], 'gemm'),
      result: async () => [await ask('result')],
      free: () => child.disconnect(),
    },
    { ...contestant(names[1], 'ceiling'), flops: mulAddCeiling().flops },
  ];
}
