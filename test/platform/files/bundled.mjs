import * as llminit from 'llminit';
import { Recommender } from 'llminit/serve';
import { runScenario } from './scenario.mjs';

/** The result of the scenario, as JSON; the class is the same from both entries. */
export async function main() {
  const runtime = await llminit.load();
  const oneClass = Recommender === llminit.Recommender;
  return JSON.stringify({ ...(await runScenario(llminit, runtime)), threads: runtime.threads, oneClass });
}
