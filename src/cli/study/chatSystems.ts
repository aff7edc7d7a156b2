import type { AugmentCounts } from '../../chat/augment/askJobs.ts';
import { augmentAttributes } from '../../chat/augment/attributes.ts';
import { augmentEdges } from '../../chat/augment/edges.ts';
import { augmentProfiles } from '../../chat/augment/profiles.ts';
import { calibrateReranker } from '../../chat/rerank/calibrateReranker.ts';
import { rerankCases } from '../../chat/rerank/cases.ts';
import { evaluateReranker, type RerankEvaluation } from '../../chat/rerank/evaluateReranker.ts';
import {
  augmentSplit,
  type Catalogue,
  combineEmbeddings,
  type Embeddings,
  type EmbeddingsPart,
  itemsFromUsers,
  lexicalEmbeddings,
  modelFrom,
  Recommender,
  type Runtime,
  type Split,
  type Trained,
  TrainingData,
} from '../../index.ts';
import type { ChatPlan } from '../args/studyOptions.ts';
import { peopleOf } from '../augmentData.ts';
import { VECTORS_WEIGHT } from '../augmented.ts';
import { openChat } from '../chatModel.ts';

/** What computes, and who is asked. */
interface Asking {
  readonly plan: ChatPlan;
  readonly titles: Catalogue;
  readonly runtime: Runtime;
  readonly signal?: AbortSignal;
}

/** The plan in the name of a job: the chat model and all that decides its answers. */
export function chatName({ chat, settings, users, augmentUsers, attributes }: ChatPlan): string {
  const more = { ...settings, users, augmentUsers, attributes: attributes.join('+') || undefined };
  const named = Object.entries(more).filter(([, value]) => value !== undefined);
  return [openChat(chat).chat.id, ...named.map(([name, value]) => `${name} ${value}`)].join(', ');
}

/** Candidates that are re-ranked where nothing else is asked for. */
const CANDIDATES = 20;

/**
 * The first of a trained model in the order of a chat model, by the weight that validation finds unless one is given: people
 * are drawn among those with held-out items.
 * @param seed of the draw
 */
export async function reranked(
  trained: Trained,
  seed: number,
  { plan, titles, runtime, signal }: Asking,
): Promise<RerankEvaluation & { readonly tokens: number | null }> {
  const { candidates = CANDIDATES, weight: given, ...how } = plan.settings;
  const options = { ...how, signal, chat: openChat(plan.chat).chat };
  const draw = { users: plan.users, candidates, seed };
  const { split, scorer } = trained;
  const recommender = new Recommender(
    modelFrom(split, scorer, { seen: split.train, itemTitles: titles }),
    runtime,
  );
  try {
    const calibration =
      given === undefined
        ? await calibrateReranker(rerankCases(recommender, split, { ...draw, part: 'valid' }), options)
        : null;
    const weight = calibration?.weight ?? given;
    const cases = rerankCases(recommender, split, { ...draw, part: 'test' });
    const evaluation = await evaluateReranker(cases, { ...options, weight });
    return { ...evaluation, tokens: tokensOf(calibration ? [calibration, evaluation] : [evaluation]) };
  } finally {
    recommender.close();
  }
}

/**
 * What a chat model adds to a split: supposed edges as weighted interactions and as what is disliked, and the vectors of
 * profiles and attributes beside those of the items.
 */
export async function augmentedTraining(
  split: Split,
  embeddings: Embeddings,
  seed: number,
  { plan, titles, runtime, signal }: Asking,
): Promise<{ readonly training: TrainingData; readonly tokens: number | null }> {
  const { itemIds } = split.train;
  const asking = { chat: openChat(plan.chat).chat, signal };
  const people = await peopleOf(
    split,
    titles,
    { users: plan.augmentUsers, candidates: EDGE_CANDIDATES, seed },
    {
      ...{ runtime, signal },
    },
  );
  const { edges, counts } = await augmentEdges(people, { ...asking, seed });
  const profiles = await augmentProfiles(people, asking);
  const counted: AugmentCounts[] = [counts, profiles.counts];
  const parts: EmbeddingsPart[] = [{ embeddings }];
  const embed = async (rows: readonly (readonly [id: string, text: string])[]) => {
    const given = rows.filter(([, text]) => text.trim() !== '');
    if (given.length === 0) return null;
    const [ids, texts] = [0, 1].map((column) => given.map((row) => row[column]));
    return (await lexicalEmbeddings(ids, texts, { runtime, signal })).embeddings;
  };
  const ofUsers = await embed(profiles.profiles.map(({ user, profile }) => [user, profile] as const));
  if (ofUsers) parts.push({ embeddings: itemsFromUsers(ofUsers, split.train), weight: VECTORS_WEIGHT });
  if (plan.attributes.length > 0) {
    const { texts } = titles.aligned(itemIds);
    const items = itemIds.map((id, n) => ({ id, text: texts[n] }));
    const found = await augmentAttributes(items, { ...asking, attributes: plan.attributes });
    counted.push(found.counts);
    const ofItems = await embed(
      found.items.map(
        ({ id, values }) => [id, plan.attributes.map((name) => values[name]).join(' ')] as const,
      ),
    );
    if (ofItems) parts.push({ embeddings: ofItems, weight: VECTORS_WEIGHT });
  }
  return {
    training: new TrainingData(augmentSplit(split, edges).split, combineEmbeddings(parts, itemIds)),
    tokens: tokensOf(counted),
  };
}

/** Items that an edge is chosen from: as `llminit augment`. */
const EDGE_CANDIDATES = 10;

/** Tokens in all; null where the service does not count. */
function tokensOf(
  counts: readonly { readonly promptTokens: number | null; readonly answerTokens: number | null }[],
): number | null {
  const known = counts.flatMap(({ promptTokens, answerTokens }) =>
    promptTokens === null ? [] : [promptTokens + (answerTokens ?? 0)],
  );
  return known.length === 0 ? null : known.reduce((sum, tokens) => sum + tokens, 0);
}
