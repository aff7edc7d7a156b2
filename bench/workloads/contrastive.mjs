// Contrastive losses with their gradients, from the rows before normalisation: SGL's InfoNCE of a batch against all
// users and all items, and SGCL's loss in a batch.
import { normalNumbers, randomFrom } from '../graphs.mjs';
import { measureCase, timed } from '../measure.mjs';
import { sgclReference, sglReference } from '../peers/contrastive.mjs';
import { drawBatches } from './step.mjs';

const DIM = 128;
const TEMPERATURE = 0.2;
const TYPES = [Float32Array, Float32Array, Float32Array];

/** SGL's loss of a batch of interactions of Beauty, users and items that repeat, and of users that are all distinct. */
export async function sgl(context) {
  const { graph } = context.graph('beauty');
  const { numUsers, numItems } = graph;
  const count = context.quick ? 256 : 2048;
  const drawn = drawBatches(graph, count);
  const users = drawn.users.subarray(0, count);
  const items = drawn.positives.subarray(0, count).map((node) => node - numUsers);
  const random = randomFrom(9);
  const others = Int32Array.from({ length: count }, () => Math.floor(random() * numUsers));
  const each = others.map((_, b) => b);
  const both = [sglSide(distinct(users), users, numUsers), sglSide(distinct(items), items, numItems)];
  const sizes = both.map(({ positives, all }) => `${positives.length} of ${all}`);
  return [
    await sglCase(context, 'sgl', `${count} interactions: ${sizes[0]} users, ${sizes[1]} items`, both),
    await sglCase(context, 'sgl-distinct', `${count} users against ${numUsers}`, [
      sglSide(each, others, numUsers),
    ]),
  ];
}

/**
 * One side of the loss: anchors are the distinct rows of view 1, candidates `all` rows of view 2.
 * @param places of the batch's rows among the anchors
 * @param nodes of the batch's rows among the candidates
 */
function sglSide(places, nodes, all) {
  const rows = Math.max(...places) + 1;
  const positives = new Int32Array(rows);
  const weights = new Float32Array(rows);
  places.forEach((place, b) => {
    positives[place] = nodes[b];
    weights[place]++;
  });
  const anchors = normalNumbers(rows * DIM, 0.1, 10);
  const candidates = normalNumbers(all * DIM, 0.1, 11);
  // Two views of a node resemble each other.
  positives.forEach((node, r) => {
    for (let d = 0; d < DIM; d++) anchors[r * DIM + d] += candidates[node * DIM + d];
  });
  return { anchors, candidates, positives, weights, places, nodes, rows, all };
}

function sglCase(context, key, title, sides) {
  const arrays = sides.map(({ anchors, candidates, places, nodes, rows, all }, n) => ({
    [`anchors${n}`]: [anchors, rows, DIM],
    [`candidates${n}`]: [candidates, all, DIM],
    [`places${n}`]: places,
    [`nodes${n}`]: nodes,
  }));
  const options = { temperature: TEMPERATURE, sides: sides.length };
  const types = [Float32Array, ...sides.flatMap(() => [Float32Array, Float32Array])];
  const references = sides.map((side) => sglReference(side, DIM, TEMPERATURE));
  return measureCase(context, {
    title,
    key,
    contestants: [
      oursSgl(context, sides),
      context.python.contestant('torch', 'sgl_torch', Object.assign({}, ...arrays), types, options),
      context.mkl.contestant('torch, MKL', 'sgl_torch', Object.assign({}, ...arrays), types, options),
    ],
    reference: [
      Float64Array.of(references.reduce((total, [[loss]]) => total + loss, 0)),
      ...references.flatMap(([, ...gradients]) => gradients),
    ],
    flops: sides.reduce((total, { rows, all }) => total + 6 * rows * all * DIM, 0),
  });
}

function oursSgl({ library, runtime }, data) {
  const workspace = runtime.open();
  const tables = (values, rows) => ({
    rows,
    raw: workspace.matrixFrom(values, rows, DIM),
    unit: library.unitTable(workspace, rows, DIM),
    dUnit: library.unitTable(workspace, rows, DIM),
    norms: workspace.f32(rows),
    gradient: workspace.matrix(rows, DIM),
  });
  const scratch = library.contrastiveScratch(workspace, Math.max(...data.map(({ all }) => all)), DIM);
  const sides = data.map(({ anchors, candidates, positives, weights, rows, all }) => {
    const multiplicities = workspace.f32(rows);
    multiplicities.view.set(weights);
    const [a, c] = [tables(anchors, rows), tables(candidates, all)];
    return { a, c, positives: workspace.i32From(positives), multiplicities, losses: workspace.f32(rows) };
  });
  const runSide = ({ a, c, positives, multiplicities, losses }) => {
    for (const { raw, rows, unit, norms } of [a, c])
      library.unitRows(workspace, raw, null, rows, unit, norms);
    c.dUnit.view.fill(0);
    const inputs = [a.unit, a.rows, c.unit, c.rows, positives, multiplicities];
    library.infoNce(workspace, ...inputs, TEMPERATURE, scratch, losses, a.dUnit, c.dUnit);
    for (const { unit, dUnit, rows, norms, gradient } of [a, c]) {
      gradient.view.fill(0);
      library.unitRowsBackward(workspace, unit, dUnit, rows, norms, 1, gradient);
    }
  };
  return {
    name: 'llminit',
    ours: true,
    run: timed(() => sides.forEach(runSide)),
    result: () => [
      [sides.reduce((total, { losses }) => total + sum(losses), 0)],
      ...sides.flatMap(({ a, c }) => [a.gradient.read(), c.gradient.read()]),
    ],
  };
}

/** A batch of interactions, in which users and items repeat, and one in which none does. */
export async function sgcl(context) {
  const { graph } = context.graph('beauty');
  const count = context.quick ? 256 : 2048;
  const drawn = drawBatches(graph, count);
  const each = Int32Array.from({ length: count }, (_, b) => b);
  const real = [drawn.users, drawn.positives].map((nodes) => distinct(nodes.subarray(0, count)));
  return [
    await sgclCase(context, 'sgcl', 'interactions', ...real),
    await sgclCase(context, 'sgcl-distinct', 'pairs of distinct rows', each, each),
  ];
}

async function sgclCase(context, key, what, xs, ys) {
  const rows = [xs, ys].map((places) => Math.max(...places) + 1);
  const [x, y] = rows.map((count, n) => normalNumbers(count * DIM, 0.1, 12 + n));
  const arrays = { x: [x, rows[0], DIM], y: [y, rows[1], DIM], xs, ys };
  return measureCase(context, {
    title: `${xs.length} ${what}: ${rows[0]} users, ${rows[1]} items`,
    key,
    contestants: [
      oursSgcl(context, [x, y], rows, [xs, ys]),
      context.python.contestant('torch', 'sgcl_torch', arrays, TYPES, { temperature: TEMPERATURE }),
      context.mkl.contestant('torch, MKL', 'sgcl_torch', arrays, TYPES, { temperature: TEMPERATURE }),
    ],
    reference: sgclReference(x, y, xs, ys, DIM, TEMPERATURE),
  });
}

function oursSgcl({ library, runtime }, values, rows, pairs) {
  const workspace = runtime.open();
  const count = pairs[0].length;
  const scratch = library.contrastiveScratch(workspace, Math.max(...rows), DIM);
  const losses = workspace.f32(count);
  const sides = values.map((table, n) => {
    const side = library.contrastiveSide(workspace, rows[n], count, DIM);
    side.pairs.view.set(pairs[n]);
    const raw = workspace.matrixFrom(table, rows[n], DIM);
    const gradient = workspace.matrix(rows[n], DIM);
    return { side, raw, gradient, norms: workspace.f32(rows[n]), rows: rows[n], pairs: pairs[n] };
  });
  const [x, y] = sides;
  return {
    name: 'llminit',
    ours: true,
    run: timed(() => {
      for (const { side, raw, norms, rows: size, pairs: places } of sides) {
        library.unitRows(workspace, raw, null, size, side.unit, norms);
        const weights = side.weights.view.fill(0);
        for (const place of places) weights[place]++;
      }
      library.sgcl(workspace, x.side, x.rows, y.side, y.rows, count, TEMPERATURE, scratch, losses);
      for (const { side, gradient, norms, rows: size } of sides) {
        gradient.view.fill(0);
        library.unitRowsBackward(workspace, side.unit, side.gradient, size, norms, 1, gradient);
      }
    }),
    result: () => [[sum(losses)], x.gradient.read(), y.gradient.read()],
  };
}

/** The place of each node among the distinct ones. */
function distinct(nodes) {
  const places = new Map();
  for (const node of nodes) if (!places.has(node)) places.set(node, places.size);
  return nodes.map((node) => places.get(node));
}

function sum(losses) {
  return losses.view.reduce((total, loss) => total + loss, 0);
}
