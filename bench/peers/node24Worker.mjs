// Runs in Node 24 for node24.mjs: first receives the operands, then answers each name of a work with its milliseconds.
import { pathToFileURL } from 'node:url';
import { mulAddCeiling } from '../ceilings.mjs';
import { timed } from '../measure.mjs';

const library = await import(pathToFileURL('.bench/library.mjs').href);

process.once('message', async ({ a, b, dim }) => {
  const workspace = (await library.loadFast()).open();
  const rows = a.length / dim;
  const columns = b.length / dim;
  const left = workspace.matrixFrom(a, rows, dim);
  const panels = workspace.f32(columns * dim);
  library.packPanels(workspace, workspace.matrixFrom(b, columns, dim), panels);
  // A stride that is a power of two would alias in the cache.
  const c = workspace.matrix(rows, columns, columns + 8);
  const works = {
    gemm: timed(() => library.gemmNt(workspace, left, panels, columns, c)),
    ceiling: mulAddCeiling().run,
    result: () => c.read(),
  };
  process.on('message', (work) => process.send(works[work]()));
  process.send('ready');
});
