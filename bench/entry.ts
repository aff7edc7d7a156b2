// What the bench measures, bundled from the sources (see library.mjs): the kernels behind the public functions too.

export { Graph } from '../src/data/graph.ts';
export { Interactions } from '../src/data/interactions.ts';
export { readInteractions } from '../src/data/readers/readInteractions.ts';
export { alignSplit } from '../src/data/readySplit.ts';
export { lexicalEmbeddings } from '../src/embed/lexical/lexicalEmbeddings.ts';
export { columnVariance, selectColumns } from '../src/init/columns.ts';
export { initialize } from '../src/init/initialize.ts';
export { contrastiveScratch, unitTable } from '../src/kernels/blocks.ts';
export { gemmNt, packPanels } from '../src/kernels/gemm.ts';
export { infoNce } from '../src/kernels/infonce.ts';
export { gatherColumns } from '../src/kernels/select.ts';
export { contrastiveSide, sgcl } from '../src/kernels/sgcl.ts';
export { spmm } from '../src/kernels/spmm.ts';
export { unitRows, unitRowsBackward } from '../src/kernels/unit.ts';
export { lightgcn } from '../src/models/lightgcn.ts';
export { ADAM } from '../src/models/parameters/optimizer.ts';
export { httpListener } from '../src/node/httpListener.ts';
export { Ranker } from '../src/rank/ranker.ts';
export { load, Runtime } from '../src/runtime/load.ts';
export { loadThreads } from '../src/runtime/loadThreads.ts';
export { csrBytes, tableBytes } from '../src/runtime/workspace.ts';
export { createHandler } from '../src/serve/http/handler.ts';
export { encodeModel } from '../src/serve/modelFile/encode.ts';
export { quantizeModel } from '../src/serve/quantizeModel.ts';
export { Recommender } from '../src/serve/recommender.ts';
export { textVectors } from '../src/serve/textVectors.ts';
export { fit, fitBytes } from '../src/train/fit.ts';
