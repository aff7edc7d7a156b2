import { axpy, gatherRows, type Matrix, plus, rowOf, scatterAddRows, zeros } from './matrix.ts';
import {
  attention,
  attentionBackward,
  binaryCrossEntropy,
  crossEntropy,
  gelu,
  geluSlope,
  layerNorm,
  layerNormBackward,
  linear,
  linearBackward,
} from './sequences.ts';

/** One block: attention and a network of two layers, each with its residual and normalised after it. */
export interface Block {
  readonly qkv: Matrix;
  readonly qkvBias: Matrix;
  readonly out: Matrix;
  readonly outBias: Matrix;
  readonly gamma1: Matrix;
  readonly beta1: Matrix;
  readonly inner: Matrix;
  readonly innerBias: Matrix;
  readonly outer: Matrix;
  readonly outerBias: Matrix;
  readonly gamma2: Matrix;
  readonly beta2: Matrix;
}

export interface SasRec {
  readonly items: Matrix;
  readonly positions: Matrix;
  readonly gamma: Matrix;
  readonly beta: Matrix;
  readonly blocks: readonly Block[];
}

export const EPSILON = 1e-12;

/** A model of zeros in the shapes of another: where gradients go. */
export function zerosLike(model: SasRec): SasRec {
  const clear = <T extends object>(tables: T) =>
    Object.fromEntries(
      Object.entries(tables).map(([name, m]) => [name, zeros(m.rows, m.cols)]),
    ) as unknown as T;
  const { blocks, ...tables } = model;
  return { ...clear(tables), blocks: blocks.map(clear) };
}

/** Every table of a model, in one order. */
export function tablesOf({ blocks, ...tables }: SasRec): [string, Matrix][] {
  return [
    ...Object.entries(tables as Record<string, Matrix>),
    ...blocks.flatMap((block, n) =>
      Object.entries(block as unknown as Record<string, Matrix>).map(([name, m]): [string, Matrix] => [
        `${name}${n}`,
        m,
      ]),
    ),
  ];
}

function forward(model: SasRec, sequence: readonly number[], heads: number) {
  const { items, positions, gamma, beta } = model;
  const scale = 1 / Math.sqrt(items.cols / heads);
  const input = plus(gatherRows(items, sequence), gatherRows(positions, Array.from(sequence.keys())));
  let x = layerNorm(input, gamma.data, beta.data, EPSILON);
  const kept = model.blocks.map((block) => {
    const before = x;
    const qkv = linear(before, block.qkv, block.qkvBias.data);
    const mixed = attention(qkv, heads, scale);
    const first = plus(before, linear(mixed, block.out, block.outBias.data));
    const middle = layerNorm(first, block.gamma1.data, block.beta1.data, EPSILON);
    const units = linear(middle, block.inner, block.innerBias.data);
    const active = { ...units, data: units.data.map(gelu) };
    const second = plus(middle, linear(active, block.outer, block.outerBias.data));
    x = layerNorm(second, block.gamma2.data, block.beta2.data, EPSILON);
    return { before, qkv, mixed, first, middle, units, active, second };
  });
  return { input, kept, hidden: x, scale };
}

/** Hidden states of a sequence of items, [length × dim]. */
export function hiddenStates(model: SasRec, sequence: readonly number[], heads: number): Matrix {
  return forward(model, sequence, heads).hidden;
}

/**
 * The mean loss of the next items of some sequences and its gradient: cross entropy over all items, or with one negative
 * each, `negatives[n][t]` standing for target t of sequence n.
 */
export function sasRecLoss(
  model: SasRec,
  sequences: readonly (readonly number[])[],
  heads: number,
  negatives: readonly (readonly number[])[] | null = null,
): { loss: number; gradient: SasRec } {
  const gradient = zerosLike(model);
  const count = sequences.reduce((sum, sequence) => sum + Math.max(0, sequence.length - 1), 0);
  let loss = 0;
  for (const [n, sequence] of sequences.entries()) {
    if (sequence.length < 2) continue;
    const [inputs, targets] = [sequence.slice(0, -1), sequence.slice(1)];
    const pass = forward(model, inputs, heads);
    const weights = targets.map(() => 1 / count);
    const found = negatives
      ? binaryCrossEntropy(pass.hidden, model.items, targets, negatives[n], weights, gradient.items)
      : crossEntropy(pass.hidden, model.items, targets, weights, gradient.items);
    loss += found.loss;
    backward(model, inputs, heads, pass, found.dHidden, gradient);
  }
  return { loss, gradient };
}

function backward(
  model: SasRec,
  inputs: readonly number[],
  heads: number,
  { input, kept, scale }: ReturnType<typeof forward>,
  dHidden: Matrix,
  gradient: SasRec,
): void {
  let d = dHidden;
  for (let n = kept.length - 1; n >= 0; n--) {
    const [block, g, own] = [model.blocks[n], gradient.blocks[n], kept[n]];
    const dSecond = layerNormBackward(d, own.second, block.gamma2.data, EPSILON, g.gamma2.data, g.beta2.data);
    const dActive = linearBackward(dSecond, own.active, block.outer, g.outer, g.outerBias.data);
    const dUnits = { ...dActive, data: dActive.data.map((value, k) => value * geluSlope(own.units.data[k])) };
    const dMiddle = plus(dSecond, linearBackward(dUnits, own.middle, block.inner, g.inner, g.innerBias.data));
    const dFirst = layerNormBackward(
      dMiddle,
      own.first,
      block.gamma1.data,
      EPSILON,
      g.gamma1.data,
      g.beta1.data,
    );
    const dMixed = linearBackward(dFirst, own.mixed, block.out, g.out, g.outBias.data);
    const dQkv = attentionBackward(dMixed, own.qkv, heads, scale);
    d = plus(dFirst, linearBackward(dQkv, own.before, block.qkv, g.qkv, g.qkvBias.data));
  }
  const dInput = layerNormBackward(
    d,
    input,
    model.gamma.data,
    EPSILON,
    gradient.gamma.data,
    gradient.beta.data,
  );
  scatterAddRows(gradient.items, inputs, dInput);
  for (let t = 0; t < inputs.length; t++) axpy(rowOf(gradient.positions, t), 1, rowOf(dInput, t));
}
