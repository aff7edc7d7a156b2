// What the default choice tries on very many interactions, part by part: singular vectors, the rows of L3AE from a model file,
// and their blend, with processor time, peak memory and NDCG@10 on drawn users, ± its standard error.
//
//   llminit train --interactions FILE --model l3ae --out l3ae.safetensors
//   node bench/largeChoice.mjs FILE l3ae.safetensors [--users 5000] [--blended 1000]
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const { evaluateScorer, chooseBlend, leaveOneOut, load, readInteractions, RowScorer, train } = await import(
  '../dist/index.js'
);
const { openSource } = await import('../dist/node.js');
const { decodeModel } = await import('../dist/serve.js');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { users: { type: 'string', default: '5000' }, blended: { type: 'string', default: '1000' } },
});
const [file, rowsFile] = positionals;
const stages = {};
let before = process.cpuUsage();

function told(stage, found = '') {
  const { user, system } = process.cpuUsage(before);
  stages[stage] = {
    processor: (user + system) / 1e6,
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    found,
  };
  before = process.cpuUsage();
}

/** The interactions of every n-th user who has any. */
function drawn(part, most) {
  const all = [...new Set(part.users)].sort((a, b) => a - b);
  const step = Math.ceil(all.length / most);
  const kept = new Set(all.filter((_, n) => n % step === 0));
  const positions = [];
  for (let n = 0; n < part.length; n++) if (kept.has(part.users[n])) positions.push(n);
  return part.subset(Int32Array.from(positions));
}

function shown({ means, perUser }) {
  const [mean, own] = [means['ndcg@10'], perUser['ndcg@10']];
  let squares = 0;
  for (const value of own) squares += (value - mean) ** 2;
  return `${mean.toFixed(4)} ± ${Math.sqrt(squares / (own.length - 1) / own.length).toFixed(4)}`;
}

const runtime = await load();
const how = { ks: [10], runtime };
const { interactions } = await readInteractions(openSource(file), { name: file });
told('read');
// The split of `train` by default.
const whole = leaveOneOut(interactions, { order: 'random', seed: 2020 });
told('split');
const part = (most) => ({ ...whole, valid: drawn(whole.valid, most), test: drawn(whole.test, most) });
const split = part(Number(values.users));
const vectors = await train({ split }, { model: 'svd', runtime });
told('svd, two settings validated', `valid ${vectors.metric.toFixed(4)}`);
told('svd, test', shown(await evaluateScorer(vectors.scorer, split, how)));
const rows = new RowScorer('l3ae', decodeModel(readFileSync(rowsFile), rowsFile).rows);
told('l3ae, valid', shown(await evaluateScorer(rows, split, { ...how, part: 'valid' })));
told('l3ae, test', shown(await evaluateScorer(rows, split, how)));
const blend = await chooseBlend('blend', [vectors.scorer, rows], part(Number(values.blended)), { runtime });
told('blend, all weights', `valid ${blend.valid.toFixed(4)}, weight of l3ae ${blend.weight}`);
told('blend, test', shown(await evaluateScorer(blend.scorer, split, how)));
console.table(stages);
