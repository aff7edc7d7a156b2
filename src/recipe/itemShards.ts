import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Shard } from '../embed/shards.ts';
import { OptionError, shown } from '../errors.ts';
import { canonicalJson } from '../format/json.ts';
import type { ClosedModelDescriptor, ClosedSettings } from '../models/closed/descriptor.ts';
import { encodeItemShard, ItemShards, itemRange } from '../models/closed/itemShards.ts';
import type { Runtime } from '../runtime/load.ts';
import { comparedSettings } from './chooseClosed.ts';
import type { TrainOptions } from './options.ts';
import type { TrainSettings } from './settings.ts';
import type { TrainingData } from './trainingData.ts';

/** A closed form whose items are solved apart. */
type Apart = ClosedModelDescriptor & Required<Pick<ClosedModelDescriptor, 'columns'>>;

/** The file of one part of the items. @throws {OptionError} for a model whose items are not solved apart */
export async function itemShard(
  model: ClosedModelDescriptor | undefined,
  data: TrainingData,
  settings: TrainSettings,
  shard: Shard,
  { runtime, signal, onProgress }: { runtime: Runtime } & Pick<TrainOptions, 'signal' | 'onProgress'>,
): Promise<Uint8Array> {
  const apart = solvedApart(model);
  const { grid, embeddings } = readBy(apart, data);
  const { train } = data.split;
  const range = itemRange(train.numItems, shard);
  const progress = (share: number) =>
    onProgress?.({ trial: 1, trials: 1, name: apart.name, fit: null, share });
  const columns = await apart.columns(train, embeddings, grid, range, {
    runtime,
    signal,
    onProgress: progress,
  });
  return encodeItemShard({ ...shard, digest: digestOf(settings, grid) }, columns);
}

/**
 * The parts of all items.
 * @throws {OptionError} as `itemShard`
 * @throws {DataError} for parts of other data or options, or that are missing or twice there
 */
export function joinedShards(
  model: ClosedModelDescriptor | undefined,
  data: TrainingData,
  settings: TrainSettings,
  files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
): ItemShards {
  const { grid } = readBy(solvedApart(model), data);
  return ItemShards.open(files, digestOf(settings, grid), data.split.train.numItems);
}

/** What a model reads of the data, and the settings that are compared. */
function readBy(model: Apart, { split, embeddings: given }: TrainingData) {
  const embeddings = model.vectors === 'unread' ? null : given;
  return { embeddings, grid: comparedSettings(model.grid(embeddings !== null), split) };
}

function solvedApart(model: ClosedModelDescriptor | undefined): Apart {
  if (model?.columns) return model as Apart;
  const problem = `expected a model whose items are solved apart, received ${shown(model?.name ?? 'none')}`;
  throw new OptionError('train', problem, 'Name l3ae, or train in one piece', 'model');
}

/** Of everything that decides the weights: settings, the data's digest among them, and what is compared. */
function digestOf(settings: TrainSettings, grid: readonly ClosedSettings[]): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson({ settings, grid } as never, 'the settings'))));
}
