// The same, with the kernels imported by the application.
import * as llminit from 'llminit';
import module from 'llminit/kernels.wasm';
import { runScenario } from './scenario.mjs';

export default {
  async fetch() {
    const runtime = llminit.loadSync(module);
    return Response.json({ ...(await runScenario(llminit, runtime)), threads: runtime.threads });
  },
};
