// Draws docs/gains.svg, the picture of the README: what `auto` gains, from the runs that bench/contest.mjs has recorded.
//
//   node scripts/gainsPicture.mjs [file]
import { readFileSync, writeFileSync } from 'node:fs';

const RUNS = 'bench/experiments/contest.json';
const [OUT = 'docs/gains.svg'] = process.argv.slice(2);
const DATASETS = ['amazon-office', 'amazon-scientific', 'amazon-scientific-small'];
const BASES = {
  xavier: 'LightGCN, xavier',
  variance: 'LightGCN, variance',
  ease: 'EASE',
  'graph-pca': 'LightGCN, graph PCA',
  l3ae: 'L3AE',
};
const WIDTH = 720;
const ROW = 26;
const GROUP = 34;
const LEFT = 215;
const RIGHT = 130;
const TICK = 0.1;

const recorded = JSON.parse(readFileSync(RUNS, 'utf8'));
const groups = DATASETS.map((dataset) =>
  recorded.findLast((run) => run.dataset === dataset && run.vectors === 'bert' && run.keep === 1),
);
const most =
  Math.ceil(Math.max(...groups.flatMap(({ gains }) => shown(gains).map(([, { high }]) => high))) / TICK) *
  TICK;
const x = (gain) => LEFT + (gain / most) * (WIDTH - LEFT - RIGHT);

/** Of the recorded gains those that are drawn, in their order; one that lacks runs of a seed is not there. */
function shown(gains) {
  return Object.keys(BASES).flatMap((base) => (gains[base] ? [[base, gains[base]]] : []));
}

let y = 40;
const parts = [];
for (const { dataset, gains, 'ndcg@10': ndcg } of groups) {
  parts.push(`<text x="8" y="${y + 5}" class="head">${dataset}: NDCG@10 ${ndcg.toFixed(4).slice(1)}</text>`);
  y += ROW;
  for (const [base, { gain, low, high }] of shown(gains)) {
    parts.push(
      `<text x="24" y="${y + 5}">over ${BASES[base]}</text>`,
      `<line x1="${x(low).toFixed(1)}" x2="${x(high).toFixed(1)}" y1="${y}" y2="${y}"/>`,
      `<circle cx="${x(gain).toFixed(1)}" cy="${y}" r="5"/>`,
      `<text x="${(x(high) + 10).toFixed(1)}" y="${y + 5}">+${(100 * gain).toFixed(1)} %</text>`,
    );
    y += ROW;
  }
  y += GROUP - ROW;
}
const ticks = Array.from({ length: Math.round(most / TICK) + 1 }, (_, n) => n * TICK).map(
  (tick) =>
    `<path d="M${x(tick).toFixed(1)} 24V${y - 12}"/><text x="${x(tick).toFixed(1)}" y="${y + 4}" class="tick">${tick === 0 ? 'no gain' : `+${Math.round(100 * tick)} %`}</text>`,
);
writeFileSync(
  OUT,
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 14}" role="img" aria-label="What auto gains in test NDCG@10, with 95 % intervals">
<style>
  svg { background: #fff; font: 13px system-ui, sans-serif; }
  text { fill: #1c2127; } .head { font-weight: 600; } .tick { fill: #515a65; text-anchor: middle; }
  line { stroke: #0b5cad; stroke-width: 3; } circle { fill: #0b5cad; } path { stroke: #d5dbe1; }
</style>
${ticks.join('\n')}
${parts.join('\n')}
</svg>
`,
);
