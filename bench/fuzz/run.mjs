// Mutated inputs over all readers and decoders: every outcome is a result or one of the package's errors, in bounded
// time and memory.
//
//   npm run fuzz -- [--inputs 1000000] [--seconds 600] [--seed 1] [--target name]
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { generator, mutate } from './mutate.mjs';
import { targets } from './targets.mjs';

/** An input of a few kilobytes that takes more processor time is a finding: others may use the machine, too. */
const SLOW_MS = 2000;

/**
 * @param options inputs: how many, over all targets; seconds: the most time; seed; target: part of a name
 * @returns counts by target and the findings
 */
export async function fuzz(
  llminit,
  { inputs = 10_000, seconds = Number.POSITIVE_INFINITY, seed = 1, target = '' } = {},
) {
  const chosen = (await targets(llminit)).filter(({ name }) => name.includes(target));
  const seeds = chosen.flatMap((one) => one.seeds);
  const counts = Object.fromEntries(chosen.map(({ name }) => [name, { accepted: 0, refused: 0 }]));
  const findings = [];
  const started = performance.now();
  let done = 0;
  let slowest = 0;
  for (; done < inputs && performance.now() - started < seconds * 1000; done++) {
    const one = chosen[done % chosen.length];
    const random = generator(seed * 1_000_003 + done);
    const input = one.seeds[random.below(one.seeds.length)];
    // Nine of ten changes of a file with a checksum leave it whole.
    const bytes = one.mutate && random.chance(0.9) ? one.mutate(input, random) : mutate(input, seeds, random);
    const before = process.cpuUsage();
    try {
      await one.run(bytes);
      counts[one.name].accepted++;
    } catch (error) {
      if (llminit.isLlminitError(error)) counts[one.name].refused++;
      else
        findings.push({
          target: one.name,
          input: done,
          seed,
          what: `${error?.name}: ${error?.message}`,
          bytes,
        });
    }
    const { user, system } = process.cpuUsage(before);
    const took = (user + system) / 1000;
    slowest = Math.max(slowest, took);
    if (took > SLOW_MS)
      findings.push({ target: one.name, input: done, seed, what: `took ${Math.round(took)} ms`, bytes });
    if (Object.keys(Object.prototype).length > 0)
      throw new Error(`${one.name}, input ${done}: the prototype of all objects was changed`);
  }
  return { done, counts, findings, slowest, seconds: (performance.now() - started) / 1000 };
}

async function main() {
  const { values } = parseArgs({
    options: {
      inputs: { type: 'string' },
      seconds: { type: 'string' },
      seed: { type: 'string' },
      target: { type: 'string' },
    },
  });
  const numbers = Object.fromEntries(
    ['inputs', 'seconds', 'seed'].filter((name) => values[name]).map((name) => [name, Number(values[name])]),
  );
  const llminit = await import('../../dist/index.js');
  const { done, counts, findings, slowest, seconds } = await fuzz(llminit, {
    ...numbers,
    target: values.target,
  });
  console.table(counts);
  for (const { target, input, seed, what, bytes } of findings.slice(0, 50)) {
    console.log(
      `${target}, seed ${seed}, input ${input}: ${what}\n  ${Buffer.from(bytes).toString('base64').slice(0, 400)}`,
    );
  }
  const memory = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(
    `${done} inputs in ${seconds.toFixed(0)} s, the slowest ${slowest.toFixed(0)} ms, at most ${memory} MB; ${findings.length} findings`,
  );
  process.exitCode = findings.length > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
