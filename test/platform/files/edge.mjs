// A Vercel edge function, as a script that listens.
import * as llminit from 'llminit';
import { runScenario } from './scenario.mjs';

async function respond() {
  const runtime = await llminit.loadThreads({ threads: 2, onFallback: () => {} });
  return Response.json({ ...(await runScenario(llminit, runtime)), threads: runtime.threads });
}

addEventListener('fetch', (event) => event.respondWith(respond()));
