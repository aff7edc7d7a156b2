// Contrastive losses with their gradients, from the rows before normalisation: SGL's InfoNCE of a batch of users
// against all users, and SGCL's loss in a batch.
import { normalNumbers, randomFrom } from '../graphs.mjs';
import { measureCase, timed } from '../measure.mjs';
import { sgclReference, sglReference } from '../peers/contrastive.mjs';
import { drawBatches } from './step.mjs';

const DIM = 128;
const TEMPERATURE = 0.2;
const TYPES = [Float32Array, Float32Array, Float32Array];

/** Batch against all users of Beauty. */
export async function sgl(context) {
  const { graph } = context.graph('beauty');
  const count = context.quick ? 256 : 2048;
  const random = randomFrom(9);
  const data = {
    anchors: normalNumbers(count * DIM, 0.1, 10),
    candidates: normalNumbers(graph.numUsers * DIM, 0.1, 11),
    positives: Int32Array.from({ length: count }, () => Math.floor(random() * graph.numUsers)),
  };
  // Two views of a user resemble each other.
  data.positives.forEach((user, b) => {
    for (let d = 0; d < DIM; d++) data.anchors[b * DIM + d] += data.candidates[user * DIM + d];
  });
  const { anchors, candidates, positives } = data;
  const shaped = { anchors: [anchors, count, DIM], candidates: [candidates, graph.numUsers, DIM], positives };
  const result = await measureCase(context, {
    title: `${count} users against ${graph.numUsers}`,
    key: 'sgl',
    contestants: [
      oursSgl(context, data, count, graph.numUsers),
      context.python.contestant('torch', 'sgl_torch', shaped, TYPES, { temperature: TEMPERATURE }),
    ],
    reference: sglReference(anchors, candidates, positives, DIM, TEMPERATURE),
    flops: 6 * count * graph.numUsers * DIM,
  });
  return [result];
}

function oursSgl({ library, runtime }, data, count, numUsers) {
  const workspace = runtime.open();
  const { kernels } = workspace;
  const side = (values, rows) => ({
    rows,
    raw: workspace.matrixFrom(values, rows, DIM),
    unit: library.unitTable(workspace, rows, DIM),
    dUnit: library.unitTable(workspace, rows, DIM),
    norms: workspace.f32(rows),
    gradient: workspace.matrix(rows, DIM),
  });
  const sides = [side(data.anchors, count), side(data.candidates, numUsers)];
  const [a, c] = sides;
  const positives = workspace.i32From(data.positives);
  const weights = workspace.f32(count);
  weights.view.fill(1);
  const losses = workspace.f32(count);
  const scratch = library.contrastiveScratch(workspace, numUsers, DIM);
  return {
    name: 'llminit',
    ours: true,
    run: timed(() => {
      for (const { raw, rows, unit, norms } of sides) kernels.unitRows(raw, null, rows, unit, norms);
      c.dUnit.view.fill(0);
      kernels.infoNce(
        a.unit,
        count,
        c.unit,
        numUsers,
        positives,
        weights,
        TEMPERATURE,
        scratch,
        losses,
        a.dUnit,
        c.dUnit,
      );
      for (const { unit, dUnit, rows, norms, gradient } of sides) {
        gradient.view.fill(0);
        kernels.unitRowsBackward(unit, dUnit, rows, norms, 1, gradient);
      }
    }),
    result: () => [[sum(losses)], a.gradient.read(), c.gradient.read()],
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
    ],
    reference: sgclReference(x, y, xs, ys, DIM, TEMPERATURE),
  });
}

function oursSgcl({ library, runtime }, values, rows, pairs) {
  const workspace = runtime.open();
  const { kernels } = workspace;
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
        kernels.unitRows(raw, null, size, side.unit, norms);
        const weights = side.weights.view.fill(0);
        for (const place of places) weights[place]++;
      }
      kernels.sgcl(x.side, x.rows, y.side, y.rows, count, TEMPERATURE, scratch, losses);
      for (const { side, gradient, norms, rows: size } of sides) {
        gradient.view.fill(0);
        kernels.unitRowsBackward(side.unit, side.gradient, size, norms, 1, gradient);
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
