import { checkIsInteractions, checkIsSplit } from '../data/argumentKinds.ts';
import type { Catalogue } from '../data/catalogue.ts';
import type { Interactions } from '../data/interactions.ts';
import type { Split } from '../data/splits.ts';
import { EMBEDDINGS, type Embeddings } from '../embed/embeddings.ts';
import type { EmbedderLike } from '../embed/foreign/toEmbedder.ts';
import { OptionError, shown } from '../errors.ts';
import { ARRAY, FUNCTION, having, RECORD } from '../options/arguments.ts';
import { instance, nullable } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';
import { resolveOptions } from '../options/resolve.ts';
import { ITEM_ATTRIBUTES, type ItemAttributes } from '../serve/attributes.ts';

/**
 * What `train` learns from.
 *
 * @example
 * const data: TrainData = { interactions, catalogue, embedder: lexicalEmbedder({ dim: 8 }) };
 * const trained = await train(data, { model: 'l3ae' });
 */
export interface TrainData {
  /** Split for training, validation and test; or `interactions`, of which each user's last two are held out at random. */
  readonly split?: Split;
  readonly interactions?: Interactions;
  /** Text vectors of the items. Default: those of the catalogue's texts by `embedder`; null for none. */
  readonly embeddings?: Embeddings | null;
  /** Titles of the items for the model, and their texts where there are no `embeddings`. */
  readonly catalogue?: Catalogue;
  /**
   * What makes vectors of the catalogue's texts: any `Embedder`, or what `toEmbedder` takes. Default: lexical vectors, from
   * nothing but the texts.
   */
  readonly embedder?: EmbedderLike;
  /** Columns that the model keeps, to filter by, as `readCatalogue` with `keep` gives them. Default none. */
  readonly attributes?: ItemAttributes | null;
}

const CATALOGUE = having<Catalogue>(
  'a Catalogue',
  { ids: ARRAY, texts: ARRAY, aligned: FUNCTION },
  'Make one with readCatalogue or new Catalogue',
);
const anything = () => true;

/** What may stand in the data; `split` and `interactions` are checked by themselves. */
const TRAIN_DATA: DescriptorsOf<TrainData> = {
  split: instance<Split>('a split', anything, { about: 'for training, validation and test' }),
  interactions: instance<Interactions>('interactions', anything, { about: 'what is split' }),
  embeddings: nullable(
    instance<Embeddings>(EMBEDDINGS.range, EMBEDDINGS.is, { about: 'text vectors of the items' }),
  ),
  catalogue: instance<Catalogue>(CATALOGUE.range, CATALOGUE.is, { about: 'titles and texts of the items' }),
  embedder: instance<EmbedderLike>('an embedder', (value) => typeof value !== 'string', {
    about: 'makes vectors of the texts',
  }),
  attributes: nullable(ITEM_ATTRIBUTES),
};

/**
 * @param where the function that takes the data
 * @throws {OptionError} for unknown fields, values of another kind, both or neither of a split and interactions, and for
 *   vectors or nothing to embed beside an embedder
 */
export function checkTrainData(data: TrainData, where: string): void {
  const { split, interactions } = RECORD.is(data) ? data : ({} as TrainData);
  if ((split === undefined) === (interactions === undefined)) {
    const problem = `expected data with either a split or interactions, received ${shown(data)}`;
    throw new OptionError(where, problem, 'Pass { split } or { interactions }');
  }
  if (split === undefined) checkIsInteractions(interactions, where);
  else checkIsSplit(split, where);
  resolveOptions(TRAIN_DATA, data, where);
  const { embedder, embeddings, catalogue } = data;
  if (embedder === undefined || (embeddings === undefined && catalogue)) return;
  const received = catalogue ? 'embeddings' : 'no catalogue';
  const problem = `expected a catalogue, and no embeddings, beside an embedder, received ${received}`;
  throw new OptionError(where, problem, 'Pass { catalogue, embedder }, or { embeddings }', 'embedder');
}
