import { join } from 'node:path';
import { type FinishedJob, finishedJob } from '../exchange/torch/finishedJob.ts';
import { CUTOFFS, encodeModel, evaluate, type MetricsResult, type Protocol } from '../index.ts';
import { readBytes, writeAtomic } from '../node/files.ts';
import { metricsTable } from './metricsTable.ts';
import { print, printJson } from './output.ts';
import { checkOutputs } from './outputFile.ts';
import { VERSION } from './version.ts';

const FILES = ['job.json', 'start.safetensors', 'graph.safetensors', 'factors.safetensors'] as const;

/** Writes the model of a job whose factors have come back, and measures it on what was held out. */
export async function importJob(
  folder: string,
  out: string,
  json: boolean,
  signal: AbortSignal,
): Promise<void> {
  const path = (name: string) => join(folder, name);
  await checkOutputs(
    { '--out': out },
    { files: Object.fromEntries(FILES.map((name) => [name, path(name)])) },
  );
  const [job, start, graph, factors] = await Promise.all(FILES.map((name) => readBytes(path(name))));
  const finished = finishedJob({ folder, job, start, graph, factors });
  const { model, made } = finished;
  const test = await tested(finished, signal);
  const { bestEpoch, bestMetric, history, ...engine } = made;
  const metrics = {
    ...{ protocol: model.config.protocol, bestEpoch },
    epochs: Array.isArray(history) ? history.length : 0,
    valid: bestMetric === null ? null : { 'ndcg@10': bestMetric },
    ...{ test: test && { ...test.means }, testUsers: test?.users.length ?? 0 },
  };
  const bytes = encodeModel({
    ...model,
    config: { ...model.config, engine: { name: 'torch', ...engine } },
    metrics,
  });
  await writeAtomic(out, bytes);
  if (json) printJson({ command: 'import', version: VERSION, out, bytes: bytes.length, metrics });
  else {
    const best = bestMetric === null ? 'the last' : `epoch ${bestEpoch}`;
    print(`trained by ${engine.processes} processes for ${metrics.epochs} epochs, of which ${best} was kept`);
    if (test) print(`test, ${test.users.length} users:\n${metricsTable(test.means, CUTOFFS)}`);
    print(`wrote ${out} (${bytes.length} bytes)`);
  }
}

/** null where nothing was held out for a test. */
async function tested({ model, split }: FinishedJob, signal: AbortSignal): Promise<MetricsResult | null> {
  if (split.test.length === 0) return null;
  const { userFactors, itemFactors, dim, config } = model;
  const protocol = config.protocol as Protocol;
  return evaluate({ users: userFactors!, items: itemFactors, dim }, split, { protocol, ks: CUTOFFS, signal });
}
