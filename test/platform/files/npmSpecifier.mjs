// For Deno: the package under its npm: name.
import * as llminit from 'npm:llminit';
import { runScenario } from './scenario.mjs';

console.log(JSON.stringify({ ...(await runScenario(llminit, await llminit.load())), threads: 1 }));
