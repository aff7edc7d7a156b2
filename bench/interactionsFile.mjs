// Synthetic interactions: for n of them n/10 users and n/50 items, popularity by Zipf's law within groups of taste.
import { createWriteStream } from 'node:fs';
import { generator } from './fuzz/mutate.mjs';

const GROUPS = 50;

/** Writes `count` interactions as CSV; the same count gives the same bytes. */
export async function writeInteractions(path, count, shape = {}) {
  const random = generator(11);
  const { users = Math.max(10, Math.floor(count / 10)), items = Math.max(GROUPS, Math.floor(count / 50)) } =
    shape;
  const perGroup = Math.floor(items / GROUPS);
  const out = createWriteStream(path);
  let text = 'user_id,item_id,rating,timestamp\n';
  for (let n = 0; n < count; n++) {
    const user = random.below(users);
    // Zipf's law by inversion: rank r with density 1/r.
    const rank = Math.floor(perGroup ** (random.below(2 ** 24) / 2 ** 24)) - 1;
    const group = random.chance(0.8) ? user % GROUPS : random.below(GROUPS);
    text += `u${user},i${rank * GROUPS + group},${1 + random.below(5)},${1.5e9 + n}\n`;
    if (text.length > 2 ** 20) {
      if (!out.write(text)) await new Promise((resume) => out.once('drain', resume));
      text = '';
    }
  }
  await new Promise((done) => out.end(text, done));
}
