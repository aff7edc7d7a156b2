// Runs the scenario in Node, Deno or Bun and prints its result as JSON. The argument is the number of threads.
import * as llminit from 'llminit';
import { runScenario } from './scenario.mjs';

const threads = Number(process.argv[2] ?? 1);
const runtime = threads > 1 ? await llminit.loadThreads({ threads }) : await llminit.load();
console.log(JSON.stringify({ ...(await runScenario(llminit, runtime)), threads: runtime.threads ?? 1 }));
runtime.close?.();
