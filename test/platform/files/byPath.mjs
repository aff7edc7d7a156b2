// The package by the path of its file, without resolution.
import * as llminit from './dist/index.js';
import { runScenario } from './scenario.mjs';

console.log(JSON.stringify({ ...(await runScenario(llminit, await llminit.load())), threads: 1 }));
