import type { ItemCodes } from '../data/itemCodes.ts';
import type { Protocol } from '../evaluate/evaluate.ts';
import type { Augmentation } from '../models/encoders/views.ts';
import type { LossOptions } from '../models/losses/registry.ts';
import type { RegularizationOptions } from '../models/losses/regularization.ts';
import type { AdapterOptions } from '../models/parameters/adapterTable.ts';
import type { OptimizerOptions } from '../models/parameters/optimizer.ts';
import type { ModelName, ModelSynonym } from '../models/registry.ts';
import type { SequenceLossName } from '../models/sequences/losses.ts';
import type { Runtime } from '../runtime/load.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { NegativesOptions } from './negativesOptions.ts';

/**
 * Where training stands; sent after every batch and after every epoch.
 *
 * @example
 * const onProgress = ({ kind, epoch, loss }: FitProgress) => kind === 'epoch' && console.log(epoch, loss);
 */
export interface FitProgress {
  readonly kind: 'batch' | 'epoch';
  readonly epoch: number;
  readonly epochs: number;
  /** Batches done in this epoch. */
  readonly batch: number;
  readonly batches: number;
  /** Mean loss of the epoch so far. */
  readonly loss: number;
  /** Validation NDCG@10 of this epoch, on `epoch` events that evaluated. */
  readonly metric: number | null;
  readonly bestEpoch: number | null;
  readonly bestMetric: number | null;
}

/**
 * Defaults are the authors' configuration (LLMInit, RecBole fork) unless a source is named. An option that the model
 * does not read is refused.
 *
 * @example
 * const options: FitOptions = { model: 'lightgcn', layers: 2, epochs: 20, patience: 5, batchSize: 512 };
 * const { factors } = await fit(split, await initialize(split.train, null, { dim: 8 }), options);
 */
export interface FitOptions {
  /**
   * Default `lightgcn`. `bpr-mf` is LightGCN without layers; `sasrec` learns from users' items in order of time, `tiger` from their codes. `ContGCN`, `ContSGL` and `ContSGCL` are `lightgcn`, `sgl` and
   * `sgcl`.
   */
  readonly model?: ModelName | ModelSynonym;
  /** Propagation layers, or blocks of `sasrec` and `tiger`. Default 2; 0 for `bpr-mf`. */
  readonly layers?: number;
  /** Interactions per update, of `sasrec` and `tiger` users. Default 256. With uniform negatives larger ones need a larger `patience`: they take fewer steps per epoch. */
  readonly batchSize?: number;
  /** The most epochs. Default 300. */
  readonly epochs?: number;
  /** Evaluations without a new best after which training ends, unless the curve is rising then. Default 10. */
  readonly patience?: number;
  /**
   * A rise of the validation NDCG@10 that counts as one, in units of 1/√n for n validated users: 0.1 is about a standard error
   * of the difference between two epochs. Above 0 training does not wait for a falling curve to come back. Default 0.
   */
  readonly minRise?: number;
  /** Epochs from one validation to the next. Default 1. */
  readonly evaluateEvery?: number;
  /** Decides negatives and the validation ranking. Default `standard`. */
  readonly protocol?: Protocol;
  /** Default Adam with PyTorch's defaults and rate 1e-3; it may warm up and be halved from time to time. */
  readonly optimizer?: OptimizerOptions;
  /**
   * What ranking is learned by. Default `bpr`, as the authors do; `softmax` over the items of the batch, over these and as many
   * drawn uniformly, or over all. Read by `lightgcn`, `bpr-mf` and `sgl`.
   */
  readonly loss?: LossOptions;
  /** Default weight 1e-5, form `norm`. Not read by `sgcl` and `mixsgcl`, which have none. */
  readonly regularization?: RegularizationOptions;
  /**
   * τ of the contrastive losses, ≥ 0.01. Default 0.2: the authors' SGL.yaml and SGCL.yaml. Their MixSGCL.yaml has 0.5,
   * which is not the default here.
   */
  readonly temperature?: number;
  /** λ, the weight of SGL's contrastive loss, ≥ 0. Default 0.05: the authors' SGL.yaml. */
  readonly sslWeight?: number;
  /** How SGL draws its views. Default `ED`: the authors' SGL.yaml, and the best of the three in Wu et al. 2021. */
  readonly augmentation?: Augmentation;
  /** ρ, the share of edges or nodes that a view of SGL lacks, in [0, 1). Default 0.1: the authors' SGL.yaml. */
  readonly dropout?: number;
  /** Heads of attention of `sasrec` and `tiger`, a divisor of dim. Default 2 (RecBole), 1 where dim is odd. */
  readonly heads?: number;
  /** Items of a history that `sasrec` and `tiger` read, the last so many. Default 50 (RecBole). */
  readonly maxLength?: number;
  /** Share of hidden values and of weights of attention that an update of `sasrec` or `tiger` drops, in [0, 1). Default 0.5 (RecBole), 0.1 for `tiger` (Rajput et al. 2023). */
  readonly hiddenDropout?: number;
  /**
   * How `sasrec` learns the next item. Default `cross-entropy`: over all items (RecBole); `bce`: against one item drawn uniformly
   * that the user does not have (Kang & McAuley 2018).
   */
  readonly sequenceLoss?: SequenceLossName;
  /**
   * Prefixes of codes that `tiger` follows at a time when it ranks: the most probable of each length. Default 20. As many as
   * there are make its scores exact.
   */
  readonly beams?: number;
  /** What items are to `tiger`, which needs them: `(await semanticIds(embeddings)).itemCodes(split.train.itemIds)`. */
  readonly codes?: ItemCodes;
  /**
   * β in [0, 1) of an exponential moving average of the weights, updated after each batch, which is validated and kept in
   * place of the weights themselves. Default 0: none. 0.95 keeps the level after the peak where there is no validation.
   */
  readonly averaging?: number;
  /** Columns of the initial tables, from the first, that training leaves as they are. Default 0. */
  readonly frozenColumns?: number;
  /** Makes the items' rows a trained map of their text vectors (see `adapterInput`) instead of a table. Default none. */
  readonly adapter?: AdapterOptions;
  /** How negatives are drawn. Default `uniform`, as the authors do. Not read by `sgcl`, `mixsgcl` and the loss `softmax`. */
  readonly negatives?: NegativesOptions;
  /** Default 2020 (RecBole). Decides the order of the interactions, the negatives, SGL's views, MixSGCL's mixtures and dropout. */
  readonly seed?: number;
  readonly runtime?: Runtime;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: FitProgress) => void;
  /** Receives the state when training is aborted, and every `checkpointEvery` epochs. */
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void | Promise<void>;
  readonly checkpointEvery?: number;
  /** Goes on from here. */
  readonly resume?: Checkpoint;
}
