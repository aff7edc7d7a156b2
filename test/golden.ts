import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Batch, type Edge, type Matrix, toMatrix } from './reference.ts';

/** What an independent PyTorch implementation computed for one model. */
export interface GoldenModel {
  /** Of the first step, with respect to E0. */
  readonly gradient: Matrix;
  /** Before each of three Adam steps on the same batch. */
  readonly losses: readonly [number, number, number];
  readonly paramsAfter3: Matrix;
}

/**
 * The golden values of `small-graph.json`. What they turned out to be, beyond the names:
 * - Degrees carry RecBole's 1e-7: Â = 1/√((d_u + 1e-7)(d_i + 1e-7)), in the views too. Exact degrees differ by up
 *   to 1.7e-8 in Â.
 * - LightGCN's BPR is a mean with γ = 1e-10; SGL's is a sum of -log σ with γ = 0 (they differ by 1.2e-9 here).
 * - The embedding loss of both divides the un-squared norms, repeats counted, by the batch size.
 * - SGL's InfoNCE goes one way, batch rows of view 1 against all rows of view 2, repeats counted, without the weight
 *   0.05; the views stay the same for all three steps.
 */
export interface Golden {
  readonly numUsers: number;
  readonly numItems: number;
  readonly dim: number;
  readonly layers: number;
  /** Items count from 0. */
  readonly edges: readonly Edge[];
  readonly views: readonly [readonly Edge[], readonly Edge[]];
  readonly e0: Matrix;
  /** As node indices: items offset by `numUsers`. */
  readonly batch: Batch;
  readonly reg: number;
  readonly temperature: number;
  readonly sslWeight: number;
  readonly gamma: number;
  readonly adam: {
    readonly lr: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
  };
  /** Added to every degree. */
  readonly degreeEpsilon: number;
  readonly adjacency: Matrix;
  readonly forward: Matrix;
  readonly forwardViews: readonly [Matrix, Matrix];
  readonly lightgcn: GoldenModel & { readonly bpr: number; readonly emb: number };
  readonly sgl: GoldenModel & {
    readonly bpr: number;
    readonly emb: number;
    readonly nceUser: number;
    readonly nceItem: number;
  };
  readonly sgcl: GoldenModel;
}

/**
 * Loads the golden values.
 * @param precision `f64` is the truth, `f32` what float32 costs
 */
export function loadGolden(precision: 'f64' | 'f32' = 'f64'): Golden {
  const path = fileURLToPath(new URL('./golden/small-graph.json', import.meta.url));
  const file: GoldenFile = JSON.parse(readFileSync(path, 'utf8'));
  const number = (name: string) => file[name] as number;
  const value = (name: string) => number(`${name}_${precision}`);
  const table = (name: string) => matrixFrom(file[name] as number[][]);
  const matrix = (name: string) => table(`${name}_${precision}`);
  const numUsers = number('nu');
  const nodes = (name: string, offset: number) => Int32Array.from(file[name] as number[], (n) => n + offset);
  const model = (name: string): GoldenModel => ({
    gradient: matrix(`${name}_grad`),
    losses: [value(`${name}_loss_step0`), value(`${name}_loss_step1`), value(`${name}_loss_step2`)],
    paramsAfter3: matrix(`${name}_params_after3`),
  });
  const parts = (name: string) => ({ bpr: value(`${name}_bpr`), emb: value(`${name}_emb`) });
  return {
    numUsers,
    numItems: number('ni'),
    dim: number('K'),
    layers: number('n_layers'),
    edges: file.edges as Edge[],
    views: [file.view1_edges as Edge[], file.view2_edges as Edge[]],
    e0: table('E0'),
    batch: {
      users: nodes('batch_user', 0),
      positives: nodes('batch_pos', numUsers),
      negatives: nodes('batch_neg', numUsers),
    },
    reg: number('reg'),
    temperature: number('tau'),
    sslWeight: number('ssl_weight'),
    gamma: number('bpr_gamma'),
    adam: {
      lr: number('adam_lr'),
      beta1: number('adam_beta1'),
      beta2: number('adam_beta2'),
      epsilon: number('adam_eps'),
    },
    degreeEpsilon: 1e-7,
    adjacency: matrix('adj'),
    forward: matrix('forward'),
    forwardViews: [matrix('forward_view1'), matrix('forward_view2')],
    lightgcn: { ...model('lightgcn'), ...parts('lightgcn') },
    sgl: { ...model('sgl'), ...parts('sgl'), nceUser: value('sgl_nce_user'), nceItem: value('sgl_nce_item') },
    sgcl: model('sgcl'),
  };
}

type GoldenFile = Readonly<Record<string, number | number[] | number[][] | Edge[]>>;

function matrixFrom(rows: readonly number[][]): Matrix {
  return toMatrix(rows.flat(), rows.length, rows[0].length);
}
