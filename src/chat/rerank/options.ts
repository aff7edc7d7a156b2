import { boolean, integer, number, oneOf, required } from '../../options/builders.ts';
import type { DescriptorsOf } from '../../options/descriptor.ts';
import { SIGNAL } from '../../options/kinds.ts';
import { CHAT_LIKE } from '../chatLike.ts';
import type { ChatLike } from '../toChat.ts';
import { RERANK_PROMPTS, type RerankPrompt } from './prompt.ts';

/**
 * How candidates are ranked by a chat model.
 *
 * @example
 * const options: RerankOptions = { chat, rounds: 3, weight: 0.5, prompt: 'recency' };
 */
export interface RerankOptions {
  /** The chat model: of `httpChat`, a language model of the AI SDK, or a function `(messages, schema, { signal }) => text`. */
  readonly chat: ChatLike;
  /** How it is asked. Default `sequential`. */
  readonly prompt?: RerankPrompt;
  /**
   * How often it is asked about the same candidates, shuffled anew each time, since models prefer what stands at certain
   * places; the places in the answers are added up. Default 3 (Hou et al. 2024).
   */
  readonly rounds?: number;
  /**
   * How much its order counts beside ours, from 0 (not at all: nothing is asked) to 1 (alone). Default 0.5; better, what
   * `calibrateReranker` finds for this model and these people.
   */
  readonly weight?: number;
  /**
   * The least agreement of the rounds, as the mean correlation of what places count in NDCG; below it our order stands.
   * Default: what rounds that are drawn at random reach in one or two of a hundred cases, 0.40 for 20 candidates and 3 rounds.
   */
  readonly minAgreement?: number;
  /** Items of the history that are shown: the newest, or of one without order some that are drawn. Default 20. */
  readonly maxHistory?: number;
  /** false: the order of the history means nothing, and the model is told so. Default true: the oldest stands first. */
  readonly orderedHistory?: boolean;
  /** Milliseconds until our order is returned, or that of the rounds that have been answered. Default 10,000. */
  readonly deadlineMs?: number;
  /** Of the shuffles. Default 2020. */
  readonly seed?: number;
  /** Stops the work; the promise then rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** Every option of `rerank`. */
export const RERANK_OPTIONS = {
  chat: required(CHAT_LIKE),
  prompt: oneOf(RERANK_PROMPTS, {
    about: 'how the chat model is asked',
    flag: '--rerank-prompt <name>',
    default: 'sequential',
  }),
  rounds: integer({
    about: 'shuffles of the candidates',
    flag: '--rerank-rounds <n>',
    min: 1,
    max: 100,
    default: 3,
    source: 'LLMRank',
  }),
  weight: number({
    about: 'of its order beside ours',
    flag: '--rerank-weight <w>',
    min: 0,
    max: 1,
    default: 0.5,
  }),
  minAgreement: number({
    about: 'of the rounds, at least',
    flag: '--rerank-agreement <r>',
    min: -1,
    max: 1,
  }),
  maxHistory: integer({
    about: 'items of the history that are shown',
    flag: '--rerank-history <n>',
    min: 1,
    default: 20,
  }),
  orderedHistory: boolean({ about: 'whether the history is in the order of time', default: true }),
  deadlineMs: integer({
    about: 'until our order is returned',
    flag: '--rerank-deadline <ms>',
    min: 1,
    default: 10_000,
  }),
  seed: integer({ about: 'of the shuffles', min: 0, default: 2020 }),
  signal: SIGNAL,
} satisfies DescriptorsOf<RerankOptions>;

/**
 * How the first of somebody's recommendations are re-ranked.
 *
 * @example
 * const options: RerankerOptions = { chat, deadlineMs: 3000, candidates: 20 };
 * const handler = createHandler(recommender, { rerank: reranker(options) });
 */
export interface RerankerOptions extends RerankOptions {
  /** How many of the first are re-ranked. Default 20 (Hou et al. 2024). */
  readonly candidates?: number;
}

const CANDIDATES = 20;

/** Every option of `reranker`. */
export const RERANKER_OPTIONS = {
  ...RERANK_OPTIONS,
  candidates: integer({
    about: 'how many are re-ranked',
    flag: '--rerank-candidates <n>',
    min: 2,
    default: CANDIDATES,
  }),
} satisfies DescriptorsOf<RerankerOptions>;
