// What the bench measures, bundled from the sources (see library.mjs): the kernels behind the public functions too.
export { Graph } from '../src/data/graph.ts';
export { Interactions } from '../src/data/interactions.ts';
export { alignSplit } from '../src/data/readySplit.ts';
export { columnVariance, selectColumns } from '../src/init/columns.ts';
export { initialize } from '../src/init/initialize.ts';
export { contrastiveScratch, unitTable } from '../src/kernels/blocks.ts';
export { gatherColumns } from '../src/kernels/select.ts';
export { contrastiveSide } from '../src/kernels/sgcl.ts';
export { spmm } from '../src/kernels/spmm.ts';
export { LightGcn } from '../src/models/lightgcn.ts';
export { Ranker } from '../src/rank/ranker.ts';
export { load, Runtime } from '../src/runtime/load.ts';
export { loadFast } from '../src/runtime/loadFast.ts';
export { loadThreads } from '../src/runtime/loadThreads.ts';
export { csrBytes, tableBytes } from '../src/runtime/workspace.ts';
export { fit, fitBytes } from '../src/train/fit.ts';
