import { DataError, OptionError, shown, UnsupportedError } from '../errors.ts';
import { number } from '../options/builders.ts';
import {
  checkAttributes,
  checkBoolean,
  checkId,
  checkRecords,
  checkText,
  knownItems,
} from './changeChecks.ts';
import type { ItemUpdate, ModelChange, NewInteraction, NewItem } from './modelChanges.ts';
import type { OpenModel } from './openModel.ts';
import { oldestFirst, type People } from './people.ts';
import { foldIn } from './person.ts';
import { placeItem } from './placement.ts';
import type { LearnedChange } from './scoring/livingInverse.ts';
import type { ServingState } from './servingState.ts';

/** How often a new item is shown, 1 for its fair share. */
export const EXPOSURE = number({ about: 'how often they are shown', min: 0, defaultText: '1' });

/**
 * Makes a change, or none of it.
 * @throws {DataError} for items that are or are not in the model, ids that are repeated
 * @throws {OptionError} for what is no change, columns that the model does not keep, values of another type
 * @throws {ShapeError} for vectors of another width
 */
export function applyChange(model: OpenModel, change: ModelChange): void {
  const { state } = model;
  switch (change?.op) {
    case 'addItems':
      addItems(model, change.items, change.exposure ?? 1);
      return;
    case 'updateItems':
      updateItems(state, change.items);
      return;
    case 'removeItems': {
      const items = knownItems(state.catalogue, change.ids, 'removeItems');
      state.scorer.rows?.inverse?.reserve(0);
      for (const item of new Set(items)) {
        state.scorer.rows?.inverse?.removeItem(item);
        state.scorer.sequence?.remove?.(item);
        state.catalogue.remove(item);
      }
      return;
    }
    case 'hideItems': {
      checkBoolean(change.hidden, 'hidden', 'hide');
      for (const item of knownItems(state.catalogue, change.ids, 'hide'))
        state.catalogue.setHidden(item, change.hidden);
      return;
    }
    case 'addInteractions':
      addInteractions(state, change.rows);
      return;
    case 'removeUser': {
      const user = typeof change.user === 'string' ? state.people.ids.find(change.user) : -1;
      if (user >= 0) {
        removeUser(state, user);
        return;
      }
      throw new DataError(
        'removeUser',
        `expected a user of the model, received ${shown(change.user)}`,
        'Pass a known id',
      );
    }
    default:
      throw new OptionError(
        'apply',
        `expected a change of the model, received ${shown(change)}`,
        'Pass { op, … }',
      );
  }
}

function addItems(model: OpenModel, items: readonly NewItem[], exposure: number): void {
  const { state } = model;
  const { catalogue, scorer } = state;
  checkRecords(items, ['id', 'title', 'text', 'vector', 'attributes'], 'addItems');
  EXPOSURE.check(exposure, 'exposure', 'addItems');
  if (scorer.sequence?.scores) {
    const problem = 'expected a model whose items have rows, received one of codes (tiger)';
    throw new UnsupportedError('addItems', problem, 'Train again with the new items');
  }
  const ids = new Set<string>();
  const inverse = scorer.rows?.inverse;
  // An inverse learns of an item by clicks: a text is a start, not a need.
  const needsVector = scorer.factors !== null || (scorer.rows !== null && !inverse);
  const vectors: (Float32Array | null)[] = [];
  for (const { id, title, text, vector, attributes } of items) {
    checkId(id, title, 'addItems');
    if (ids.has(id))
      throw new DataError('addItems', `expected each id once, received ${shown(id)} twice`, 'Leave one out');
    if (catalogue.ids.find(id) >= 0)
      throw new DataError(
        'addItems',
        `expected ids that no item has, received ${shown(id)}`,
        'Use updateItems for it',
      );
    ids.add(id);
    checkAttributes(state.catalogue, attributes, 'addItems');
    checkText(id, text, vector);
    const isPlaced = needsVector || (inverse && (text !== undefined || vector !== undefined));
    vectors.push(isPlaced ? model.texts.vectorOf(text ?? vector!, shown(id), 'addItems') : null);
  }
  inverse?.reserve(items.length);
  for (const [n, { id, title, attributes }] of items.entries()) {
    const item = catalogue.add(id);
    inverse?.addItem();
    if (title !== undefined) catalogue.setTitle(item, title);
    if (attributes) catalogue.setAttributes(item, attributes);
    const vector = vectors[n];
    if (vector) placeItem(state, item, vector, exposure);
    else {
      if (state.text) state.text.setRow(item, new Float32Array(state.text.dim));
      if (scorer.itemScores) scorer.setItemScore(item, 0);
    }
  }
}

function updateItems(state: ServingState, items: readonly ItemUpdate[]): void {
  checkRecords(items, ['id', 'title', 'attributes'], 'updateItems');
  const numbers = knownItems(
    state.catalogue,
    items.map(({ id }) => id),
    'updateItems',
  );
  for (const { id, title, attributes } of items) {
    checkId(id, title, 'updateItems');
    checkAttributes(state.catalogue, attributes, 'updateItems');
  }
  for (const [n, { title, attributes }] of items.entries()) {
    if (title !== undefined) state.catalogue.setTitle(numbers[n], title);
    if (attributes) state.catalogue.setAttributes(numbers[n], attributes);
  }
}

/** Forgets a person; a kept inverse also forgets what it learned from him or her. */
function removeUser({ people, scorer }: ServingState, user: number): void {
  const inverse = scorer.rows?.inverse;
  inverse?.learn([{ user, liked: [], disliked: inverse.learnedOf(user).items }]);
  inverse?.erase(user);
  people.remove(user);
}

/** What an inverse learns; new people will get the numbers behind the last. */
function learnedChanges(
  { ids }: People,
  touched: ReadonlyMap<string, ReadonlyMap<number, boolean>>,
): LearnedChange[] {
  let next = ids.count;
  return [...touched].map(([id, added]) => {
    const known = ids.find(id);
    const items = [...added];
    return {
      user: known < 0 ? next++ : known,
      liked: items.filter(([, liked]) => liked).map(([item]) => item),
      disliked: items.filter(([, liked]) => !liked).map(([item]) => item),
    };
  });
}

/** Each person's row becomes the mean of the rows of what he or she likes. */
function addInteractions({ people, catalogue, scorer }: ServingState, rows: readonly NewInteraction[]): void {
  const remedy = 'Leave it out; what is not liked says liked: false';
  checkRecords(rows, ['user', 'item', 'liked'], 'addInteractions', remedy);
  const items = knownItems(
    catalogue,
    rows.map(({ item }) => item),
    'addInteractions',
  );
  for (const { user, liked = true } of rows) {
    checkId(user, undefined, 'addInteractions');
    checkBoolean(liked, 'liked', 'addInteractions');
  }
  const touched = new Map<string, Map<number, boolean>>();
  for (const [n, { user, liked = true }] of rows.entries()) {
    const own = touched.get(user) ?? new Map<number, boolean>();
    own.set(items[n], liked);
    touched.set(user, own);
  }
  scorer.rows?.inverse?.learn(learnedChanges(people, touched));
  for (const [id, added] of touched) {
    const known = people.ids.find(id);
    const user = known < 0 ? people.ids.add(id) : known;
    const before = known < 0 ? { items: [], liked: [] } : people.itemsOf(user);
    const all = new Map(oldestFirst(before));
    for (const [item, liked] of added) {
      if (liked && all.get(item) !== true) catalogue.addDegree(item);
      // What is done again is the latest.
      all.delete(item);
      all.set(item, liked);
    }
    const places = new Map([...all.keys()].map((item, place) => [item, place]));
    const sorted = [...all].sort(([a], [b]) => a - b);
    const likes = sorted
      .filter(([item, liked]) => liked && catalogue.ids.isPresent(item))
      .map(([item]) => item);
    const row = people.hasRows && scorer.factors ? foldIn(scorer.factors, likes) : null;
    const own = { items: sorted.map(([item]) => item), liked: sorted.map(([, liked]) => liked) };
    const order = scorer.sequence && { order: sorted.map(([item]) => places.get(item)!) };
    people.set(user, { ...own, ...order }, row);
  }
}
