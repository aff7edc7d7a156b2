// A Worker in the module syntax of Cloudflare that answers with the scenario's result.
import * as llminit from 'llminit';
import { runScenario } from './scenario.mjs';

export default {
  async fetch() {
    const runtime = await llminit.loadThreads({ threads: 2, onFallback: () => {} });
    return Response.json({ ...(await runScenario(llminit, runtime)), threads: runtime.threads });
  },
};
