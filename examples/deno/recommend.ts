#!/usr/bin/env -S deno run --allow-read
// Recommends from a model file to someone with a history:
//   ./recommend.ts model.safetensors b01 b02
import { Recommender } from 'llminit/serve';

const [file, ...history] = Deno.args;
if (!file || history.length === 0) {
  console.error('usage: recommend.ts <model file> <item id> …');
  Deno.exit(2);
}
const recommender = await Recommender.open(await Deno.readFile(file), file);
for (const { id, title, score } of recommender.recommendFor(history, { k: 3 })) {
  console.log(`${id}\t${score.toFixed(3)}\t${title ?? ''}`);
}
