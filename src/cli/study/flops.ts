import { type GraphSize, graphSize } from '../../data/graph.ts';
import type { Trained, TrainOptions } from '../../index.ts';
import { findClosedModel } from '../../models/closed/index.ts';
import { describeModel } from '../../models/registry.ts';
import { DENSE_WORK } from '../../models/work.ts';
import { composed } from '../../recipe/compositions.ts';
import type { Init } from '../../recipe/inits.ts';
import { USUAL_DIM } from '../../recipe/size.ts';
import { fitOptions } from '../../recipe/stepOptions.ts';
import { type ResolvedOptions, resolveFitOptions } from '../../train/fitOptions.ts';

/** Of a multiplication with the addition behind it. */
const PRODUCT = 2;
/** Forward, and the gradients of both factors. */
const DIRECTIONS = 3;
/** How a table of a report says what is counted. */
export const FLOPS_NOTE =
  'FLOPs: two for each multiplication of the products of all epochs and settings that were trained, whatever was kept of them; LightGCN: 2 L products with Â forward and backward an update, SGL thrice as many; losses over a batch or a table: 6 B × rows × dim; SASRec and TIGER: three times the products of a forward pass; EASE: N³ a setting, L3AE: the systems of its items. Updates of tables, initialisations, validation and what a chat model computes are not counted';

/**
 * What a training took: see `FLOPS_NOTE`.
 * @param options of the training
 * @param width columns of the vectors; 0 without
 */
export function flopsOf(trained: Trained, options: TrainOptions, width: number): number {
  const size = graphSize(trained.split.train);
  const { init = 'auto', ...own } = composed(options);
  const fit = () => resolveFitOptions(fitOptions(own, init as Init, trained.split.train));
  return trained.trials.reduce((sum, { model, compared, report }) => {
    if (model === null || model === 'blend') return sum;
    const closed = findClosedModel(model);
    if (!closed) return sum + Number(report.epochs) * epochFlops(trained, fit(), size, width);
    const setting = closed.work?.(size) ?? pairsOf(size);
    return sum + PRODUCT * ((closed.textWork?.(size.numItems, width) ?? 0) + Math.max(1, compared) * setting);
  }, 0);
}

/** Pairs of items that a user has: what models of co-occurrence count. */
function pairsOf({ userDegrees }: GraphSize): number {
  return userDegrees.reduce((sum, degree) => sum + degree * degree, 0);
}

/** Of one epoch of a model of `fit`. */
function epochFlops(
  { initialization }: Trained,
  options: ResolvedOptions,
  size: GraphSize,
  width: number,
): number {
  const descriptor = describeModel(options.model);
  const dim = initialization?.dim ?? USUAL_DIM;
  if (descriptor.kind === 'sequence') return (PRODUCT / DENSE_WORK) * descriptor.work(size, dim, options);
  const { numEdges, numNodes, numItems } = size;
  const batch = Math.min(options.batchSize, numEdges);
  const views = options.model === 'sgl' ? DIRECTIONS : 1;
  const propagation = views * 2 * options.layers * 2 * numEdges * dim;
  const scores = DIRECTIONS * batch * lossRows(options, batch, numNodes) * dim;
  const { adapter } = initialization ?? {};
  const map = adapter ? 2 * (adapter.userFeatures ? numNodes : numItems) * width * dim : 0;
  return Math.ceil(numEdges / batch) * PRODUCT * (propagation + scores + map);
}

/** How many rows each pair of a batch is multiplied with. */
function lossRows({ model, loss }: ResolvedOptions, batch: number, numNodes: number): number {
  if (model === 'sgl') return numNodes;
  if (model === 'sgcl' || model === 'mixsgcl') return 2 * batch;
  if (loss.name === 'softmax') return loss.candidates === 'in-batch' ? batch : numNodes;
  return loss.name === 'debiased' ? batch : 2;
}
