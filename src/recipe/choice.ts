import { DataError } from '../errors.ts';
import type { JsonValue } from '../format/json.ts';
import type { ClosedSettings } from '../models/closed/descriptor.ts';
import { findClosedModel } from '../models/closed/index.ts';
import type { TrainingData } from './trainingData.ts';

/**
 * One model of a choice: a closed form with its settings, or the graph model with its epochs.
 *
 * @example
 * const part: ChoicePart = { kind: 'closed', model: 'ease', settings: { regularization: 50 } };
 */
export type ChoicePart =
  | { readonly kind: 'closed'; readonly model: string; readonly settings: ClosedSettings }
  | { readonly kind: 'graph'; readonly epochs: number };

/**
 * What a choice by validation came to, so that it can be made again without one. See `choiceOf`.
 *
 * @example
 * const trained = await train({ split, embeddings }, { budget: 5 });
 * const choice: Choice = choiceOf(trained.model());
 */
export interface Choice {
  /** One model, or the two of a blend in its order. */
  readonly parts: readonly ChoicePart[];
  /** Of the second part in a blend, the first having the rest; null for one model. */
  readonly weight: number | null;
  /** Whether there were text vectors. */
  readonly texts: boolean;
}

/**
 * What a model file tells about how it was made.
 *
 * @example
 * const made: ModelProvenance = decodeModel(modelBytes, 'model.safetensors');
 */
export interface ModelProvenance {
  readonly config: Readonly<Record<string, JsonValue>>;
  readonly metrics: Readonly<Record<string, JsonValue>>;
}

const REMEDY = 'Name a model that `train` made by a choice with validation interactions';

/**
 * The choice that `train` made for a model: its closed form with the settings, its epochs, the weight of its blend. With
 * `train(data, { repeat })` the same is trained on more data, all there is for example, without anything held out.
 *
 *     const everything = wholeSplit(interactions);
 *     const final = await train({ split: everything, embeddings }, { repeat: choiceOf(recommender.model) });
 *
 * @param made `config` and `metrics` of a model, as `decodeModel` or `Recommender.model` has them
 * @throws {DataError} for a model that no choice made
 * @example
 * const trained = await train({ split, embeddings }, { budget: 5 });
 * const choice = choiceOf(trained.model());
 * const again = await train({ split, embeddings }, { repeat: choice });
 */
export function choiceOf(made: ModelProvenance): Choice {
  const { config, metrics } = { ...(made as Partial<ModelProvenance> | null | undefined) };
  const { model, parts, contest, repeat, embeddings = null } = { ...config };
  const texts = embeddings !== null;
  if (isObject(repeat) && isChoice(repeat)) return repeat as unknown as Choice;
  if (typeof model !== 'string' || !isObject(contest))
    return refuse(
      `a model of ${typeof model === 'string' ? model : 'unknown origin'} that was chosen among no others`,
    );
  if (model === 'blend') {
    if (!Array.isArray(parts) || parts.length !== 2) return refuse('a blend without its two parts');
    const [first, second] = parts.map((part) => (isObject(part) ? part : {}));
    const { weight } = second;
    if (typeof weight !== 'number' || !(weight >= 0 && weight <= 1))
      return refuse('a blend without its weight');
    return { parts: [first, second].map((part) => partOf(part, part.bestEpoch)), weight, texts };
  }
  return { parts: [partOf({ ...config, model }, metrics?.bestEpoch)], weight: null, texts };
}

/** Whether a value is what `choiceOf` gives, or looks like it. */
export function isChoice(value: object): boolean {
  const { parts, weight, texts } = value as Partial<Choice>;
  const known =
    Array.isArray(parts) && parts.every((part) => part?.kind === 'closed' || part?.kind === 'graph');
  return known && typeof texts === 'boolean' && parts.length === (weight === null ? 1 : 2);
}

/** The epochs of the graph model in a choice; null without one. */
export function epochsOf({ parts }: Choice): number | null {
  return (
    parts.map((part) => (part.kind === 'graph' ? part.epochs : null)).find((epochs) => epochs !== null) ??
    null
  );
}

/** @throws {DataError} where a choice was made with texts and there are none now, or the other way about */
export function checkChoice({ texts }: Choice, { embeddings }: Pick<TrainingData, 'embeddings'>): void {
  if (texts === (embeddings !== null)) return;
  const [expected, received] = texts ? ['with text vectors', 'none'] : ['without text vectors', 'some'];
  const problem = `expected training ${expected}, as the choice that is repeated was made, received ${received}`;
  const remedy = texts
    ? 'Pass embeddings or a catalogue, as the first time'
    : 'Leave them out, or choose anew';
  throw new DataError('train', problem, remedy, 'repeat');
}

/** Whether settings of a closed form say how much text counts. */
export function readsTexts(settings: ClosedSettings): boolean {
  return Object.hasOwn(settings, 'textShare') || Object.hasOwn(settings, 'textRegularization');
}

function partOf(part: Readonly<Record<string, JsonValue>>, bestEpoch: JsonValue | undefined): ChoicePart {
  const closed = findClosedModel(`${part.model}`);
  if (!closed) {
    if (typeof bestEpoch !== 'number' || !(Number.isSafeInteger(bestEpoch) && bestEpoch >= 1))
      return refuse(`${part.model} without a best epoch`);
    return { kind: 'graph', epochs: bestEpoch };
  }
  const names = new Set([true, false].flatMap((withText) => closed.grid(withText).flatMap(Object.keys)));
  const own = Object.entries(part).filter(([name]) => names.has(name));
  return { kind: 'closed', model: closed.name, settings: Object.fromEntries(own) as ClosedSettings };
}

function isObject(value: JsonValue | undefined): value is Readonly<Record<string, JsonValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(received: string): never {
  throw new DataError(
    'choiceOf',
    `expected a model that a choice by validation made, received ${received}`,
    REMEDY,
  );
}
