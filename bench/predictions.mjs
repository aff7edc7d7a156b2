// What `llminit train` says it will take, against what it takes: processor time and peak memory over several sizes.
//
//   node bench/predictions.mjs [--interactions 10000,100000,1000000] [--case l3ae]
//
// Epochs are given, so that early stopping does not end a training sooner than was said.
import { spawnSync } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { generator } from './fuzz/mutate.mjs';
import { writeInteractions } from './interactionsFile.mjs';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

/** Text by Zipf's law for every item. */
const CASES = {
  'choice, dim 32': ['--dim', '32', '--epochs', '3'],
  'choice with texts': ['--items', 'titles', '--epochs', '2'],
  'lightgcn, BPR': ['--init', 'xavier', '--dim', '64', '--epochs', '2', '--batch', '2048'],
  sgl: ['--init', 'xavier', '--model', 'sgl', '--dim', '32', '--epochs', '1', '--batch', '2048'],
  l3ae: ['--model', 'l3ae'],
};

async function writeTitles(path, items) {
  const random = generator(5);
  const out = createWriteStream(path);
  out.write('item_id,title\n');
  for (let n = 0; n < items; n++) {
    const words = Array.from({ length: 8 }, () => Math.floor(20_000 ** (random.below(2 ** 24) / 2 ** 24)));
    out.write(`i${n},${words.map((word) => `word${word}`).join(' ')}\n`);
  }
  await new Promise((done) => out.end(done));
}

/** Runs the command; a hook writes what the process has taken when it exits. */
function measured(folder, args) {
  const hook = join(folder, 'hook.mjs');
  const file = join(folder, 'usage.json');
  writeFileSync(
    hook,
    `import { writeFileSync } from 'node:fs';
process.on('exit', () => writeFileSync(${JSON.stringify(file)}, JSON.stringify(process.resourceUsage())));`,
  );
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--import', hook, CLI, ...args, '--json', '--quiet'],
    { encoding: 'utf8', maxBuffer: 2 ** 28 },
  );
  if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
  const { maxRSS, userCPUTime, systemCPUTime } = JSON.parse(readFileSync(file, 'utf8'));
  return { ...JSON.parse(stdout), peak: maxRSS * 1024, processor: (userCPUTime + systemCPUTime) / 1e6 };
}

async function main() {
  const { values } = parseArgs({
    options: {
      interactions: { type: 'string', default: '10000,30000,100000,300000,1000000' },
      case: { type: 'string', default: '' },
    },
  });
  const folder = join(tmpdir(), 'llminit-scale');
  mkdirSync(folder, { recursive: true });
  const rows = [];
  for (const size of values.interactions.split(',').map(Number)) {
    const path = join(folder, `${size}.csv`);
    if (!existsSync(path)) await writeInteractions(path, size);
    const titles = join(folder, `${size}.titles.csv`);
    if (!existsSync(titles)) await writeTitles(titles, size);
    for (const [name, flags] of Object.entries(CASES).filter(([name]) => name.includes(values.case))) {
      const given = flags.map((flag) => (flag === 'titles' ? titles : flag));
      const out = ['--out', join(folder, 'model.safetensors')];
      const found = measured(folder, ['train', '--interactions', path, '--k-core', '5', ...given, ...out]);
      const { forecast, peak, processor } = found;
      const row = {
        interactions: size,
        case: name,
        'predicted s': Number(forecast.seconds.toPrecision(3)),
        'taken s': Number(processor.toPrecision(3)),
        'time ×': Number((forecast.seconds / processor).toFixed(2)),
        'predicted MB': Math.round(forecast.bytes / 2 ** 20),
        'taken MB': Math.round(peak / 2 ** 20),
        'memory ×': Number((forecast.bytes / peak).toFixed(2)),
      };
      rows.push(row);
      console.log(
        JSON.stringify(row),
        forecast.stages
          .map(({ stage, seconds, bytes }) => `${stage} ${seconds} s ${Math.round(bytes / 2 ** 20)} MB`)
          .join('; '),
      );
    }
  }
  console.table(rows);
}

await main();
