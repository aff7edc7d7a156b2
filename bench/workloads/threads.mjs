// Two threads against one, through the public loadThreads.
import { normalNumbers } from '../graphs.mjs';
import { checkSameResults, measureCase, timed } from '../measure.mjs';
import { factors, oursScore } from './score.mjs';
import { drawBatches, oursStep } from './step.mjs';

const DIM = 128;

/** SpMM and the step on Gowalla, scoring on Beauty. */
export async function threads(context) {
  const pool = await context.library.loadThreads({ threads: 2 });
  if (pool.threads < 2) return [];
  const runtimes = [
    { runtime: context.runtime, name: 'llminit, one thread' },
    { runtime: pool, name: 'llminit, two threads' },
  ];
  const cases = [];
  for (const [key, make] of Object.entries({ spmm: spmmPair, step: stepPair, score: scorePair })) {
    const { title, contestants } = make(context, runtimes);
    checkSameResults(contestants);
    cases.push(await measureCase(context, { title, key, contestants }));
  }
  pool.close();
  return cases;
}

function spmmPair({ library, graph }, runtimes) {
  const { name, graph: gowalla } = graph('gowalla');
  const { adjacency } = gowalla;
  const x = normalNumbers(adjacency.rows * DIM, 0.1, 1);
  const contestants = runtimes.map(({ runtime, name: contestant }) => {
    const workspace = runtime.open();
    const a = workspace.csr(adjacency);
    const input = workspace.table(adjacency.rows, DIM);
    const output = workspace.tableLike(input);
    input.write(x);
    return {
      name: contestant,
      ours: true,
      run: timed(() => library.spmm(workspace, a, input, output, input)),
      result: () => [output.read()],
    };
  });
  return { title: `SpMM, ${name}`, contestants };
}

function stepPair({ library, graph, quick }, runtimes) {
  const { name, graph: gowalla } = graph('gowalla');
  const initial = normalNumbers(gowalla.numNodes * DIM, 0.1, 2);
  const batches = drawBatches(gowalla, quick ? 512 : 2048);
  const contestants = runtimes.map(({ runtime, name: contestant }) =>
    oursStep(library, runtime, gowalla, initial, batches, contestant),
  );
  return { title: `training step, ${name}`, contestants };
}

function scorePair({ library, graph }, runtimes) {
  const { name, graph: beauty } = graph('beauty');
  const { users, items } = factors(beauty);
  const contestants = runtimes.map(({ runtime, name: contestant }) =>
    oursScore(library, runtime, beauty, users, items, 10, contestant),
  );
  return { title: `top-10, ${name}`, contestants };
}
