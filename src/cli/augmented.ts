import type { JsonValue } from '../format/json.ts';
import {
  augmentSplit,
  CUTOFFS,
  combineEmbeddings,
  type Embeddings,
  type EmbeddingsPart,
  evaluateScorer,
  itemsFromUsers,
  lexicalEmbeddings,
  type MetricsResult,
  readCatalogue,
  readEdges,
  type Split,
  type Trained,
} from '../index.ts';
import { sampledUsers } from '../recipe/validationSample.ts';
import type { AugmentFiles } from './args/augmentOptions.ts';
import { sourceOf } from './inputs.ts';
import type { Session } from './session.ts';

/** What files of augmentation made of a split and its vectors. */
export interface Augmented {
  /** With the edges in its training part. */
  readonly split: Split;
  readonly embeddings: Embeddings | null;
  /** What came of the files, for the configuration of a model; null without any. */
  readonly report: Readonly<Record<string, JsonValue>> | null;
}

/** Weight of the vectors of attributes and of profiles beside the others. */
export const VECTORS_WEIGHT = 0.5;

/** Reads the files, and tells what came of them. @throws as `readEdges`, `readCatalogue` and `augmentSplit` */
export async function augmented(
  files: AugmentFiles,
  split: Split,
  embeddings: Embeddings | null,
  { runtime, signal, progress }: Session,
): Promise<Augmented> {
  const { edges, attributes, profiles, edgesWeight, attributesWeight, profilesWeight } = files;
  const report: Record<string, JsonValue> = {};
  const parts: EmbeddingsPart[] = [];
  const { itemIds } = split.train;
  if (attributes !== undefined) {
    const found = await embeddedTexts(attributes, 'item', itemIds);
    parts.push({ embeddings: found, weight: attributesWeight ?? VECTORS_WEIGHT });
    report.attributes = found.ids.length;
    progress.line(`${attributes}: vectors of ${found.ids.length} of ${itemIds.length} items`);
  }
  if (profiles !== undefined) {
    const { userIds } = split.train;
    const found = await embeddedTexts(profiles, 'user', userIds);
    parts.push({ embeddings: itemsFromUsers(found, split.train), weight: profilesWeight ?? VECTORS_WEIGHT });
    report.profiles = found.ids.length;
    progress.line(
      `${profiles}: vectors of ${found.ids.length} of ${userIds.length} users, carried to their items`,
    );
  }
  const own = edges === undefined ? null : await withEdges(edges, split, edgesWeight, progress);
  if (own) report.edges = { ...own.counts };
  const all = embeddings ? [{ embeddings }, ...parts] : parts;
  return {
    split: own?.split ?? split,
    embeddings: parts.length > 0 ? combineEmbeddings(all, itemIds) : embeddings,
    report: Object.keys(report).length > 0 ? report : null,
  };

  async function embeddedTexts(
    path: string,
    idName: 'item' | 'user',
    ids: readonly string[],
  ): Promise<Embeddings> {
    const { name, source, member } = sourceOf(path);
    const { catalogue } = await readCatalogue(source, {
      name,
      member,
      signal,
      idColumn: idName === 'user' ? 'user' : undefined,
    });
    const { texts } = catalogue.aligned(ids);
    const given = ids.flatMap((id, n) => (texts[n].trim() === '' ? [] : [{ id, text: texts[n] }]));
    const found = await lexicalEmbeddings(
      given.map(({ id }) => id),
      given.map(({ text }) => text),
      { runtime, signal },
    );
    return found.embeddings;
  }
}

async function withEdges(
  path: string,
  split: Split,
  weight: number | undefined,
  progress: Session['progress'],
): Promise<ReturnType<typeof augmentSplit>> {
  const { name, source } = sourceOf(path);
  const found = augmentSplit(split, await readEdges(source, name), { weight });
  const { liked, disliked, unknown, known, heldOut } = found.counts;
  const passed = Object.entries({ unknown, known, 'held out': heldOut }).filter(([, count]) => count > 0);
  const others = passed.map(([why, count]) => `, ${count} ${why}`).join('');
  progress.line(`${path}: ${liked} liked and ${disliked} disliked pairs added${others}`);
  if (disliked > 0) progress.line('disliked pairs are drawn as negatives with --negatives disliked');
  return found;
}

/**
 * Test metrics on the split as it was read: its rankings leave out nothing that is only supposed.
 * @param most users that are tested on
 */
export function measured(
  trained: Trained,
  split: Split,
  most: number,
  { runtime, signal }: Session,
): Promise<MetricsResult> {
  const test = sampledUsers(split.test, most);
  if (trained.split === split && test === split.test) return trained.evaluate({ ks: CUTOFFS, signal });
  const { protocol } = trained.settings;
  return evaluateScorer(trained.scorer, { ...split, test }, { protocol, ks: CUTOFFS, runtime, signal });
}
