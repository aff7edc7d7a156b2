// What a re-ranker costs beside the chat model, and how often a worthless one is given a weight.
//
//   node bench/rerank.mjs [--people 100] [--draws 400]
//
// The first figure is processor time of `rerank` for 20 candidates with a function that answers at once, so that all of it is
// ours: prompts, shuffles, the reading of answers, fusion. The second calibrates with chat models that rank by something of no
// worth, each another one; at most `level` (2.5 %) of them may be given a weight.
import { parseArgs } from 'node:util';
import { loadLibrary, prepareScratch } from './library.mjs';

const { values } = parseArgs({
  options: { people: { type: 'string', default: '100' }, draws: { type: 'string', default: '400' } },
});

prepareScratch();
const { calibrateReranker, rerank } = await loadLibrary('src/chat.ts', 'chat');

/** Numbers in [0, 1) that depend on a text alone. */
function hashed(text) {
  let hash = 2166136261;
  for (const letter of text) hash = Math.imul(hash ^ letter.codePointAt(0), 16777619) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 15), 2246822507) >>> 0;
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}

/** A chat model that orders by the hash of titles. */
const worthless = (salt) => (messages) => {
  const { candidates } = JSON.parse(messages[1].content);
  const scored = candidates.map(({ number, title }) => [number, hashed(salt + title)]);
  return JSON.stringify({ ranking: scored.sort((a, b) => b[1] - a[1]).map(([number]) => number) });
};

const titleOf = (n) =>
  `Stainless steel water bottle number ${n}, with a lid and a strap, for hiking and office`;
const candidates = Array.from({ length: 20 }, (_, n) => ({ id: `i${n}`, title: titleOf(n) }));
const history = Array.from({ length: 20 }, (_, n) => titleOf(100 + n));

async function overhead(rounds) {
  const answer = JSON.stringify({ ranking: candidates.map((_, n) => n + 1) });
  const options = { chat: () => answer, rounds, minAgreement: -1 };
  for (let n = 0; n < 300; n++) await rerank(candidates, history, options);
  const times = [];
  for (let turn = 0; turn < 20; turn++) {
    const before = process.cpuUsage();
    for (let n = 0; n < 50; n++) await rerank(candidates, history, options);
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000 / 50);
  }
  return times.sort((a, b) => a - b)[10];
}

for (const rounds of [1, 3]) {
  const ms = await overhead(rounds);
  console.log(
    `rerank, 20 candidates, 20 items of history, ${rounds} rounds: ${ms.toFixed(3)} ms of processor time`,
  );
}

/** People of whom what is looked for stands among the first 20 in three of four cases, the higher the likelier. */
const cases = Array.from({ length: Number(values.people) }, (_, user) => {
  const own = Array.from({ length: 20 }, (__, n) => ({ id: `${user}-${n}`, title: `thing ${user} ${n}` }));
  const place = Math.floor(20 * hashed(`a${user}`) * hashed(`b${user}`));
  const relevant = hashed(`c${user}`) < 0.75 ? own[place].id : 'elsewhere';
  return { id: `u${user}`, candidates: own, history: ['thing'], relevant: [relevant] };
});
const draws = Number(values.draws);
let given = 0;
for (let draw = 0; draw < draws; draw++) {
  const { weight } = await calibrateReranker(cases, { chat: worthless(`${draw} `), rounds: 1 });
  if (weight > 0) given++;
}
console.log(
  `worthless chat models that were given a weight: ${given} of ${draws}, ${cases.length} people each`,
);
