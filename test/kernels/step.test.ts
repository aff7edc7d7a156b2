import { describe, expect, it } from 'vitest';
import { adam, sgd } from '../../src/kernels/optimizers.ts';
import { type BackwardScratch, type BatchGradient, spmm } from '../../src/kernels/spmm.ts';
import { blockElements, spmmAdam, spmmSgd } from '../../src/kernels/step.ts';
import type { Matrix } from '../../src/runtime/buffers.ts';
import type { CsrMatrix } from '../../src/runtime/csrMatrix.ts';
import type { Workspace } from '../../src/runtime/workspace.ts';
import { toMatrix } from '../reference.ts';
import {
  builds,
  DEGREES,
  DIMS,
  expectZeroPadding,
  guarded,
  randomCsr,
  randomTable,
  randomValues,
  worstRatio,
  writesOnly,
} from './harness.ts';

const ADAM = { rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const SCALE = 1 / 3;

interface Case {
  a: CsrMatrix | null;
  y: Matrix | null;
  batch: BatchGradient;
  scratch: BackwardScratch;
  /** G as a table of all nodes. */
  dense: Matrix;
}

/** A backward step from a batch, as a model of 0, 1 or 2 layers leaves it. */
function backwardStep(ws: Workspace, layers: number, nodes: number, numSlots: number, dim: number): Case {
  const a = ws.csr(randomCsr(nodes, nodes, (r) => DEGREES[r % DEGREES.length]));
  const gradient = randomTable(ws, numSlots, dim, 1).table;
  const decay = ws.f32(numSlots);
  decay.view.set(randomValues(numSlots, 2, 0, 0.1));
  const slots = ws.i32(nodes);
  slots.view.fill(-1);
  const dense = ws.matrix(nodes, dim);
  for (let slot = 0; slot < numSlots; slot++) {
    const node = (slot * 5 + 2) % nodes;
    slots.view[node] = slot;
    dense.slice(node, 1).write(gradient.slice(slot, 1).read());
  }
  const scratch = {
    block: guarded(ws, () => ws.f32(blockElements(dim))),
    hits: guarded(ws, () => ws.i32(a.maxDegree + 4)),
    degree: a.maxDegree + 4,
    weights: guarded(ws, () => ws.f32(a.maxDegree + 4)),
  };
  const y = layers === 2 ? randomTable(ws, nodes, dim, 3).table : null;
  return { a: layers === 0 ? null : a, y, batch: { slots, gradient, decay }, scratch, dense };
}

/** scale · (G + A Y) + decay · P as a table, from the kernels that are not fused. */
function denseGradient(ws: Workspace, { a, y, batch, dense }: Case, parameters: Matrix): Matrix {
  const table = ws.matrix(dense.rows, dense.dim);
  if (a) spmm(ws, a, y ?? dense, table, dense, { scale: SCALE });
  else table.write(dense.read().map((value) => SCALE * value));
  const slots = batch.slots.view;
  const [values, p] = [table.read(), parameters.read()];
  for (let n = 0; n < values.length; n++) {
    const slot = slots[Math.floor(n / dense.dim)];
    if (slot >= 0) values[n] += batch.decay.view[slot] * p[n];
  }
  table.write(values);
  return table;
}

/** A guarded table with the given rows. */
function guardedTable(ws: Workspace, values: Float32Array, rows: number, dim: number): Matrix {
  const table = guarded(ws, () => ws.matrix(rows, dim));
  table.view.fill(0);
  table.write(values);
  return table;
}

function expectAlike(fused: Matrix, plain: Matrix): void {
  const expected = toMatrix(plain.read(), plain.rows, plain.dim).data;
  expect(worstRatio(fused.read(), expected, () => 1e-6)).toBeLessThanOrEqual(1);
  expectZeroPadding(fused);
}

const sizes = [
  ...DIMS.map((dim) => ({ nodes: 41, numSlots: 12, dim })),
  { nodes: 3, numSlots: 0, dim: 5 },
  { nodes: 1, numSlots: 1, dim: 4 },
  { nodes: 2100, numSlots: 700, dim: 3 },
  { nodes: 3, numSlots: 2, dim: 4100 },
];

describe.each(builds)('the fused last step on the $name build', ({ open }) => {
  for (const layers of [0, 1, 2]) {
    it(`updates as spmm and dense Adam do for ${layers} layers, twice in a row`, () => {
      const ws = open();
      const start = ws.mark();
      for (const { nodes, numSlots, dim } of sizes) {
        ws.release(start);
        const step = backwardStep(ws, layers, nodes, numSlots, dim);
        const { a, y, batch, scratch } = step;
        const [initial, zero] = [randomValues(nodes * dim, 4), new Float32Array(nodes * dim)];
        const [p, m, v] = [initial, zero, zero].map((values) => guardedTable(ws, values, nodes, dim));
        const plain = [p, m, v].map((table) => ws.matrixFrom(table.read(), nodes, dim));
        for (const number of [1, 2]) {
          const gradient = denseGradient(ws, step, plain[0]);
          adam(ws, plain[0], gradient, plain[1], plain[2], { ...ADAM, step: number });
          const outputs = [p, m, v, scratch.block, scratch.hits, scratch.weights];
          writesOnly(ws, outputs, () =>
            spmmAdam(ws, a, y, batch, p, m, v, scratch, { scale: SCALE }, { ...ADAM, step: number }),
          );
        }
        [p, m, v].forEach((table, n) => {
          expectAlike(table, plain[n]);
        });
      }
    });

    it(`updates as spmm and dense SGD do for ${layers} layers`, () => {
      const ws = open();
      const start = ws.mark();
      for (const { nodes, numSlots, dim } of sizes) {
        ws.release(start);
        const step = backwardStep(ws, layers, nodes, numSlots, dim);
        const { a, y, batch, scratch } = step;
        const p = guardedTable(ws, randomValues(nodes * dim, 4), nodes, dim);
        const plain = ws.matrixFrom(p.read(), nodes, dim);
        sgd(ws, plain, denseGradient(ws, step, plain), 0.1);
        const outputs = [p, scratch.block, scratch.hits, scratch.weights];
        writesOnly(ws, outputs, () => spmmSgd(ws, a, y, batch, p, scratch, { scale: SCALE }, 0.1));
        expectAlike(p, plain);
      }
    });
  }
});
