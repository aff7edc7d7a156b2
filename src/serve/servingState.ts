import type { Catalogue } from './catalogue.ts';
import type { ItemMap } from './modelFile/data.ts';
import type { ModelMemory } from './modelMemory.ts';
import type { People } from './people.ts';
import type { FactorTable } from './scoring/factorTable.ts';
import type { ModelScorer } from './scoring/modelScorer.ts';

/** What an open model is made of. */
export interface ServingState {
  /** The file's name, for errors. */
  readonly name: string;
  readonly memory: ModelMemory;
  readonly catalogue: Catalogue;
  readonly people: People;
  readonly scorer: ModelScorer;
  /** Vectors of the items' texts, of length 1; null where the model has none. */
  readonly text: FactorTable | null;
  /** What makes rows of new items from their vectors; null where their neighbours do. */
  readonly itemMap: ItemMap | null;
}
