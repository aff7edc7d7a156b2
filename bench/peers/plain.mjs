// Plain JavaScript loops over typed arrays: what one writes without WebAssembly. Imported a second time with float64
// arrays (`?reference`), so that the two copies keep their own compiled code, they are also the reference of the errors.

/** y ← x + A x. */
export function spmm({ rows, rowPtr, colIdx, values }, x, dim, y) {
  for (let r = 0; r < rows; r++) {
    const at = r * dim;
    for (let d = 0; d < dim; d++) y[at + d] = x[at + d];
    addNeighbours(rowPtr, colIdx, values, r, x, dim, y);
  }
}

function addNeighbours(rowPtr, colIdx, values, r, x, dim, y) {
  const at = r * dim;
  for (let e = rowPtr[r]; e < rowPtr[r + 1]; e++) {
    const weight = values[e];
    const from = colIdx[e] * dim;
    for (let d = 0; d < dim; d++) y[at + d] += weight * x[from + d];
  }
}

/** LightGCN, BPR and Adam in the plain form: every layer in full, forward and backward. */
export class PlainLightGcn {
  #steps = 0;

  constructor(adjacency, initial, dim, layers, decay, Numbers, rate = 1e-3) {
    const table = () => new Numbers(initial.length);
    Object.assign(this, { adjacency, dim, layers, decay, rate, weight: Numbers.from(initial) });
    Object.assign(this, { m: table(), v: table(), z: table(), gradient: table(), spare: [table(), table()] });
  }

  step(users, positives, negatives) {
    const { z, gradient, weight } = this;
    this.#propagateMean(weight, z);
    this.gradient.fill(0);
    let loss = this.#bpr(users, positives, negatives);
    this.#propagateMean(gradient, z);
    for (const nodes of [users, positives, negatives]) loss += this.#decayRows(nodes, z);
    this.#adam(z);
    return loss;
  }

  /** The rows that are ranked: the mean over the layers. */
  final() {
    this.#propagateMean(this.weight, this.z);
    return this.z;
  }

  /** out ← mean of x, Â x, … */
  #propagateMean(x, out) {
    const { adjacency, dim, layers, spare } = this;
    out.set(x);
    let from = x;
    for (let layer = 0; layer < layers; layer++) {
      const to = spare[layer % 2].fill(0);
      for (let r = 0; r < adjacency.rows; r++) {
        addNeighbours(adjacency.rowPtr, adjacency.colIdx, adjacency.values, r, from, dim, to);
      }
      for (let n = 0; n < out.length; n++) out[n] += to[n];
      from = to;
    }
    for (let n = 0; n < out.length; n++) out[n] /= layers + 1;
  }

  #bpr(users, positives, negatives) {
    const { z, gradient, dim } = this;
    let loss = 0;
    for (let b = 0; b < users.length; b++) {
      const [u, i, j] = [users[b] * dim, positives[b] * dim, negatives[b] * dim];
      let margin = 0;
      for (let d = 0; d < dim; d++) margin += z[u + d] * (z[i + d] - z[j + d]);
      const sigma = 1 / (1 + Math.exp(-margin));
      loss -= Math.log(1e-10 + sigma) / users.length;
      const slope = (-sigma * (1 - sigma)) / (1e-10 + sigma) / users.length;
      for (let d = 0; d < dim; d++) {
        gradient[u + d] += slope * (z[i + d] - z[j + d]);
        gradient[i + d] += slope * z[u + d];
        gradient[j + d] -= slope * z[u + d];
      }
    }
    return loss;
  }

  /** Adds the gradient of decay/B · ‖rows‖ to `gradient`; returns that loss. */
  #decayRows(nodes, gradient) {
    const { weight, dim, decay } = this;
    let sum = 0;
    for (const node of nodes) for (let d = 0; d < dim; d++) sum += weight[node * dim + d] ** 2;
    const norm = Math.sqrt(sum);
    const factor = decay / nodes.length / norm;
    for (const node of nodes) {
      for (let d = 0; d < dim; d++) gradient[node * dim + d] += factor * weight[node * dim + d];
    }
    return (decay / nodes.length) * norm;
  }

  #adam(gradient) {
    const { weight, m, v } = this;
    this.#steps++;
    const rate = this.rate / (1 - 0.9 ** this.#steps);
    const root = Math.sqrt(1 - 0.999 ** this.#steps);
    for (let n = 0; n < weight.length; n++) {
      m[n] = 0.9 * m[n] + 0.1 * gradient[n];
      v[n] = 0.999 * v[n] + 0.001 * gradient[n] ** 2;
      weight[n] -= (rate * m[n]) / (Math.sqrt(v[n]) / root + 1e-8);
    }
  }
}

/** The k best items of each user row, seen ones left out, and their scores; ties to the lower item. */
export function scoreTopK(users, items, dim, seen, k, numUsers) {
  const numItems = items.length / dim;
  const scores = new Float64Array(numItems);
  const top = { items: new Int32Array(numUsers * k), scores: new Float64Array(numUsers * k) };
  for (let u = 0; u < numUsers; u++) {
    for (let i = 0; i < numItems; i++) {
      let sum = 0;
      for (let d = 0; d < dim; d++) sum += users[u * dim + d] * items[i * dim + d];
      scores[i] = sum;
    }
    for (let e = seen.rowPtr[u]; e < seen.rowPtr[u + 1]; e++) scores[seen.colIdx[e]] = -Infinity;
    keepBest(scores, k, top, u * k);
  }
  return top;
}

/** Insertion into a short sorted list. */
function keepBest(scores, k, top, at) {
  let count = 0;
  for (let i = 0; i < scores.length; i++) {
    if (count === k && scores[i] <= top.scores[at + k - 1]) continue;
    let place = count < k ? count++ : k - 1;
    for (; place > 0 && top.scores[at + place - 1] < scores[i]; place--) {
      top.scores[at + place] = top.scores[at + place - 1];
      top.items[at + place] = top.items[at + place - 1];
    }
    top.scores[at + place] = scores[i];
    top.items[at + place] = i;
  }
}

/** Population variance of every column, the 128-column selection and its copy. */
export function selectByVariance(x, rows, width, dim) {
  const variance = columnVariance(x, rows, width);
  const order = Int32Array.from(variance, (_, n) => n).sort((a, b) => variance[b] - variance[a] || a - b);
  const columns = order.slice(0, dim).sort();
  const table = new Float32Array(rows * dim);
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < dim; k++) table[r * dim + k] = x[r * width + columns[k]];
  }
  return { table, variance };
}

function columnVariance(x, rows, width) {
  const mean = new Float64Array(width);
  const variance = new Float64Array(width);
  for (let r = 0; r < rows; r++) for (let c = 0; c < width; c++) mean[c] += x[r * width + c] / rows;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < width; c++) variance[c] += (x[r * width + c] - mean[c]) ** 2 / rows;
  }
  return variance;
}

/** c [m × n] ← a bᵀ. */
export function gemm(a, b, dim, c) {
  const n = b.length / dim;
  for (let r = 0; r < a.length / dim; r++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let d = 0; d < dim; d++) sum += a[r * dim + d] * b[j * dim + d];
      c[r * n + j] = sum;
    }
  }
}
