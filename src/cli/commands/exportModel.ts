import { readBytes, writeAtomic } from '../../node/files.ts';
import { load, type Runtime } from '../../runtime/load.ts';
import { Sequences } from '../../sequences.ts';
import type { ModelData } from '../../serve/modelFile/data.ts';
import { modelPieces } from '../../serve/modelFile/encode.ts';
import { decodeModel, quantizeModel, Recommender } from '../../serve.ts';
import { atOnce } from '../interrupt.ts';
import { print, printJson } from '../output.ts';
import { checkOutputs } from '../outputFile.ts';
import { VERSION } from '../version.ts';

/** How `export` makes a model smaller. */
export interface SmallerArguments {
  readonly to: 'f16' | 'int8';
  readonly out: string;
  readonly rescore?: 'f16' | 'f32';
  readonly users: boolean;
  readonly json?: boolean;
}

/** People whose lists are compared. */
const COMPARED = 1000;
const LIST = 10;

/** Writes a model in fewer bits, and says how much of its lists it keeps. */
export async function exportModel(path: string, args: SmallerArguments, signal: AbortSignal): Promise<void> {
  const { to, rescore, users, json } = args;
  const out = args.out.endsWith('.safetensors') ? args.out : `${args.out}.safetensors`;
  await checkOutputs({ '--out': out }, { files: { '<model>': path } });
  const bytes = await readBytes(path, { signal });
  const model = await atOnce(() => decodeModel(bytes, path));
  const runtime = await load();
  const how = { to, ...(rescore && { rescore }), runtime };
  const small = await atOnce(() => quantizeModel(model, how));
  const overlap = await overlapOf(model, small, runtime, signal);
  const kept = users ? small : await atOnce(() => quantizeModel(model, { ...how, users }));
  const written = await atOnce(() => modelPieces(kept));
  await writeAtomic(out, written, { signal });
  const about = { from: bytes.length, bytes: written.length, users: users ? model.userIds.length : 0 };
  if (json) {
    printJson({
      command: 'export',
      version: VERSION,
      to,
      rescore: rescore ?? null,
      out,
      ...about,
      [`overlap@${LIST}`]: overlap,
    });
    return;
  }
  if (model.dim === 0)
    print(`${path} has no factors to store in ${to}: its rows of neighbours stay as they are`);
  print(`wrote ${out}: ${about.bytes} bytes where ${path} has ${about.from}, ${about.users} users`);
  print(`overlap@${LIST} with the lists of ${path}: ${overlap.toFixed(4)}`);
}

/** The mean share of the first ten items that two models have in common: for users, or for histories of one item. */
async function overlapOf(
  model: ModelData,
  small: ModelData,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<number> {
  const known = model.userFactors ? model.userIds : [];
  const people =
    known.length > 0
      ? known.slice(0, COMPARED)
      : model.itemIds.slice(0, COMPARED).map((id) => ({ history: [id] }));
  const lists: string[][][] = [];
  for (const one of [model, small]) {
    const recommender = await atOnce(() => new Recommender(one, runtime, new Sequences(runtime)));
    const own: string[][] = [];
    for await (const { items } of recommender.recommendMany(people, {
      ...{ k: LIST, fallback: 'popular', signal },
    }))
      own.push(items.map(({ id }) => id));
    recommender.close();
    lists.push(own);
  }
  const shares = lists[0].map((list, n) => {
    const other = new Set(lists[1][n]);
    return list.length === 0 ? 1 : list.filter((id) => other.has(id)).length / list.length;
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}
