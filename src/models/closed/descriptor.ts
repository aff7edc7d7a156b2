import type { GraphSize } from '../../data/graph.ts';
import type { Interactions } from '../../data/interactions.ts';
import type { NodeTables } from '../../data/nodeTables.ts';
import type { Embeddings } from '../../embed/embeddings.ts';
import type { InitializeOptions } from '../../init/options.ts';
import { FUNCTION, having, TEXT } from '../../options/arguments.ts';
import type { Descriptors } from '../../options/descriptor.ts';
import type { Scorer } from '../../rank/scorer.ts';
import type { Runtime } from '../../runtime/load.ts';
import type { ItemInverse } from '../../serve/modelFile/data.ts';
import type { ItemColumns } from './cutRows.ts';

/**
 * Options of a closed form by name, as its descriptors have them.
 *
 * @example
 * const settings: ClosedSettings = { regularization: 50 };
 */
export type ClosedSettings = Readonly<Record<string, number | string | boolean>>;

/**
 * How a closed form is computed; none of it decides the result.
 *
 * @example
 * const run: ClosedRun = { runtime, onProgress: (share) => console.log(share) };
 * const [scorer] = await findClosedModel('ease')!.train(split.train, null, [{ regularization: 50 }], run);
 */
export interface ClosedRun {
  readonly runtime?: Runtime;
  readonly signal?: AbortSignal;
  /** Called with the share of the work that is done, in [0, 1]. */
  readonly onProgress?: (share: number) => void;
  /** Makes initial tables; a recipe passes one that shares them. Default: `initialize`. */
  readonly initialTables?: (options: InitializeOptions) => Promise<NodeTables>;
  /** The weights of each model by target, where they are known: what `columns` of the descriptor gave for parts of them. */
  readonly columns?: (model: number) => ItemColumns;
}

/**
 * A model without epochs: what it is called, what it reads, and how it is made.
 *
 * @example
 * const ease: ClosedModelDescriptor = findClosedModel('ease')!;
 * const [scorer] = await ease.train(split.train, null, [{ regularization: 50 }], { runtime });
 */
export interface ClosedModelDescriptor<Name extends string = string> {
  readonly name: Name;
  readonly kind: 'closed';
  /** Whether it reads text vectors, and whether it can do without. */
  readonly vectors: 'required' | 'optional' | 'unread';
  /** The options that it reads. */
  readonly options: Descriptors;
  /**
   * Settings that validation chooses among, those by default first.
   * @param withVectors whether there are text vectors
   */
  grid(withVectors: boolean): readonly ClosedSettings[];
  /** Multiplications of what is done once with the vectors, whatever the settings; none where it is left out. */
  textWork?(numItems: number, width: number): number;
  /** Multiplications of one setting; default: few, in proportion to the interactions. */
  work?(size: GraphSize): number;
  /** Multiplications of ranking all items for one user; default: one an item. */
  ranking?(size: GraphSize): number;
  /**
   * Memory in bytes beside the interactions: while so many settings are trained, and of one result.
   * @param width columns of the vectors; 0 without
   */
  bytes?(size: GraphSize, width: number, models: number): { readonly working: number; readonly kept: number };
  /**
   * One scorer for each of several settings; what they share is computed once.
   *
   * @param embeddings null without text
   * @throws {OptionError} on an option that is unknown or out of range
   * @throws {DataError} where vectors are required and there are none, or they tell nothing
   * @throws {BudgetError} when the job does not fit the runtime's memory
   */
  train(
    train: Interactions,
    embeddings: Embeddings | null,
    settings: readonly ClosedSettings[],
    run?: ClosedRun,
  ): Promise<Scorer[]>;
  /**
   * The weights of each of several settings into the targets begin … end − 1 alone, where they do not depend on those of
   * others; left out where all items are solved at once.
   * @param range in fours, but for the last item
   */
  columns?(
    train: Interactions,
    embeddings: Embeddings | null,
    settings: readonly ClosedSettings[],
    range: { readonly begin: number; readonly end: number },
    run?: Pick<ClosedRun, 'runtime' | 'signal' | 'onProgress'>,
  ): Promise<ItemColumns[]>;
  /** What a model file keeps so that the rows take changes in, see `keptInverse`; left out where there is no such form. */
  inverse?(
    train: Interactions,
    settings: ClosedSettings,
    run?: Pick<ClosedRun, 'runtime' | 'signal'>,
  ): Promise<ItemInverse>;
}

/** Whatever has the members of a model without epochs. */
export const CLOSED_MODEL = having<ClosedModelDescriptor>(
  'a model without epochs',
  { name: TEXT, vectors: TEXT, grid: FUNCTION, train: FUNCTION },
  'Pass e.g. what findClosedModel gives',
);
