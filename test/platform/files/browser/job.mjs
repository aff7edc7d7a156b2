// The scenario with the files of the package as a server offers them; workers have no import map.
import * as llminit from '../node_modules/llminit/dist/index.js';
import { runScenario } from '../scenario.mjs';

/** @param {number} threads @returns the result or the error as JSON */
export async function job(threads) {
  let fallback = null;
  try {
    const runtime =
      threads > 1
        ? await llminit.loadThreads({
            threads,
            onFallback: (reason) => {
              fallback = reason;
            },
          })
        : await llminit.load();
    const result = await runScenario(llminit, runtime);
    runtime.close();
    return JSON.stringify({ ...result, threads: runtime.threads, fallback });
  } catch (error) {
    return JSON.stringify({ error: `${error.name}: ${error.message}` });
  }
}
