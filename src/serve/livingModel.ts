import { OptionError } from '../errors.ts';
import { checkArgument, TEXT } from '../options/arguments.ts';
import { resolveOptions } from '../options/resolve.ts';
import { applyChange, EXPOSURE } from './living.ts';
import type { ItemUpdate, ModelChange, NewInteraction, NewItem } from './modelChanges.ts';
import type { ModelData } from './modelFile/data.ts';
import { encodeModel } from './modelFile/encode.ts';
import type { OpenModel } from './openModel.ts';
import { snapshotOf } from './snapshot.ts';

/**
 * A model in memory: what it holds, the changes that it takes, its bytes as a file, and its end.
 *
 * @example
 * const living: LivingModel = await Recommender.open(modelBytes);
 * living.numItems; // → 40
 */
export abstract class LivingModel {
  readonly #model: OpenModel;
  #snapshot: ModelData | null = null;
  #isClosed = false;

  /** @internal */
  constructor(model: OpenModel) {
    this.#model = model;
  }

  /** What the model is at the moment: everything in it on the host, each part when it is first read. */
  get model(): ModelData {
    this.#snapshot ??= snapshotOf(this.opened('model'));
    return this.#snapshot;
  }

  /** Bytes of memory that the model takes. */
  get memoryBytes(): number {
    return this.#model.image.memory.bytes;
  }

  /** Names the file that the model was opened from, whatever was changed since: eight hexadecimal digits. */
  get digest(): string {
    return (this.opened('digest').image.metadata.checksum ?? 'none').replace('crc32:', '');
  }

  /** Items that the model has at the moment. */
  get numItems(): number {
    return this.opened('numItems').state.catalogue.ids.presentCount;
  }

  /** People that the model knows at the moment. */
  get numUsers(): number {
    return this.opened('numUsers').state.people.ids.presentCount;
  }

  /** Whether the model knows the user. */
  has(userId: string): boolean {
    checkArgument(TEXT, userId, 'userId', 'has');
    return this.opened('has').state.people.ids.find(userId) >= 0;
  }

  /** Whether the model has the item. */
  hasItem(itemId: string): boolean {
    checkArgument(TEXT, itemId, 'itemId', 'hasItem');
    return this.opened('hasItem').state.catalogue.ids.find(itemId) >= 0;
  }

  /**
   * Places new items by their texts, or the vectors of these: see `placeItem`; with a kept inverse they may have neither. They can be recommended at once, marked `cold`.
   * @param options `exposure`: how often they are shown, 1 (the default) for their fair share
   * @throws {DataError} for ids that the model has or that are repeated, vectors that are not finite
   * @throws {OptionError} for a model without text vectors, columns that it does not keep, values of another type
   * @throws {ShapeError} for vectors of another width
   */
  addItems(items: readonly NewItem[], options: { readonly exposure?: number } = {}): void {
    const { exposure } = resolveOptions({ exposure: EXPOSURE }, options, 'addItems');
    this.apply({ op: 'addItems', items, ...(exposure !== undefined && { exposure }) });
  }

  /** New titles and attributes of items. @throws {DataError} for items that the model does not have */
  updateItems(items: readonly ItemUpdate[]): void {
    this.apply({ op: 'updateItems', items });
  }

  /** Takes items out, from what people have, too. @throws {DataError} for items that the model does not have */
  removeItems(ids: readonly string[]): void {
    this.apply({ op: 'removeItems', ids });
  }

  /** Keeps items out of all recommendations, or lets them in again. @throws {DataError} for items that it does not have */
  hide(ids: readonly string[], hidden = true): void {
    this.apply({ op: 'hideItems', ids, hidden });
  }

  /**
   * Adds what people did; new people are known from then on. Each person's row becomes the mean of the final rows of what he or
   * she likes, which ranks as well as the one of training. With a kept inverse (`keptInverse`) the rows of the items become those
   * of a training on everything, within 1e-5.
   * @throws {DataError} for items that the model does not have; nothing is added then
   */
  addInteractions(rows: readonly NewInteraction[]): void {
    this.apply({ op: 'addInteractions', rows });
  }

  /**
   * Forgets a person: id, row and items, in memory and in what `encode` gives. What training learned from everyone stays, but
   * for a kept inverse, which unlearns.
   * @throws {DataError} when the model does not know the user
   */
  removeUser(user: string): void {
    this.apply({ op: 'removeUser', user });
  }

  /**
   * Makes a change, or on an error none of it. Changes are JSON: kept in a journal and applied in the same order to the same
   * file, they give the same bytes of `encode`, snapshots in between or not.
   */
  apply(change: ModelChange): void {
    const model = this.opened('apply');
    this.#snapshot = null;
    applyChange(model, change);
  }

  /** The bytes of a model file of what the model is at the moment. */
  encode(): Uint8Array {
    return encodeModel(this.model);
  }

  /** @internal Somebody and something of the model, if there are any. */
  examples(): { readonly user?: string; readonly item?: string } {
    const { people, catalogue } = this.opened('examples').state;
    const [user, item] = [people, catalogue].map(({ ids }) => ids.first());
    return { ...(user !== undefined && { user }), ...(item !== undefined && { item }) };
  }

  /** Gives the model's memory back; nothing can be asked afterwards. A second time changes nothing. */
  close(): void {
    this.#isClosed = true;
    this.#model.image.memory.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal The model, as long as it is open. @throws {OptionError} when it is closed */
  protected opened(where: string): OpenModel {
    if (!this.#isClosed) return this.#model;
    throw new OptionError(
      where,
      'expected an open recommender, received one that is closed',
      'Open the model again',
    );
  }
}
