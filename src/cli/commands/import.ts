import { join } from 'node:path';
import type { Command } from 'commander';
import { finishedJob } from '../../exchange/torch/finishedJob.ts';
import { CUTOFFS, encodeModel, evaluate } from '../../index.ts';
import { readBytes, writeAtomic } from '../../node/files.ts';
import { addOutputOptions, type OutputOptions } from '../args/command.ts';
import { interruptible } from '../interrupt.ts';
import { metricsTable } from '../metricsTable.ts';
import { print, printJson } from '../output.ts';
import { checkOutputs } from '../outputFile.ts';
import { VERSION } from '../version.ts';

/** Adds the command `import`. */
export function addImport(program: Command): void {
  const command = program
    .command('import')
    .description('make a model file of factors that were trained elsewhere');
  command.argument('<job>', 'a folder of llminit handover');
  addOutputOptions(command, false);
  command.requiredOption('--out <file>', 'the model file to write');
  command.action((job: string) =>
    interruptible((signal) => importJob(job, command.opts<{ out: string } & OutputOptions>(), signal)),
  );
}

async function importJob(
  folder: string,
  { out, json }: { out: string } & OutputOptions,
  signal: AbortSignal,
): Promise<void> {
  const path = (name: string) => join(folder, name);
  const names = ['job.json', 'start.safetensors', 'graph.safetensors', 'factors.safetensors'];
  const inputs = Object.fromEntries(names.map((name) => [name, path(name)]));
  await checkOutputs({ '--out': out }, { files: inputs });
  const [job, start, graph, factors] = await Promise.all(names.map((name) => readBytes(path(name))));
  const { model, split, made } = finishedJob({ folder, job, start, graph, factors });
  const { protocol } = model.config;
  const tables = { users: model.userFactors!, items: model.itemFactors, dim: model.dim };
  const test =
    split.test.length > 0
      ? await evaluate(tables, split, { protocol: protocol as 'standard', ks: CUTOFFS, signal })
      : null;
  const { bestEpoch, bestMetric, history, ...engine } = made;
  const metrics = {
    protocol,
    bestEpoch,
    epochs: Array.isArray(history) ? history.length : 0,
    valid: bestMetric === null ? null : { 'ndcg@10': bestMetric },
    test: test && { ...test.means },
    testUsers: test?.users.length ?? 0,
  };
  const bytes = encodeModel({ ...model, config: { ...model.config, engine }, metrics });
  await writeAtomic(out, bytes);
  if (json) printJson({ command: 'import', version: VERSION, out, bytes: bytes.length, metrics });
  else print(`${test ? metricsTable(test.means, CUTOFFS) : ''}\nwrote ${out} (${bytes.length} bytes)`);
}
