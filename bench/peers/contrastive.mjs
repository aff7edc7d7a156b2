// The contrastive losses in float64 with plain loops: the reference of their errors, too slow to compete.

/**
 * InfoNCE of unit anchors, each as often as its weight, against all unit candidates: [loss, dAnchors, dCandidates] with
 * respect to the raw rows.
 */
export function sglReference({ anchors, candidates, positives, weights: times }, dim, temperature) {
  const a = unitRows(anchors, dim);
  const c = unitRows(candidates, dim);
  const da = new Float64Array(anchors.length);
  const dc = new Float64Array(candidates.length);
  const weights = new Float64Array(candidates.length / dim);
  let loss = 0;
  positives.forEach((positive, b) => {
    const row = a.rows.subarray(b * dim, (b + 1) * dim);
    let sum = 0;
    for (let j = 0; j < weights.length; j++)
      sum += weights[j] = Math.exp((dot(row, 0, c.rows, j, dim) - 1) / temperature);
    loss += times[b] * (Math.log(sum) - (dot(row, 0, c.rows, positive, dim) - 1) / temperature);
    for (let j = 0; j < weights.length; j++) {
      const slope = (times[b] * (weights[j] / sum - (j === positive ? 1 : 0))) / temperature;
      add(da, b, slope, c.rows, j, dim);
      add(dc, j, slope, a.rows, b, dim);
    }
  });
  return [Float64Array.of(loss), throughUnit(a, da, dim), throughUnit(c, dc, dim)];
}

/** SGCL of pairs (x[xs[b]], y[ys[b]]): [loss, dX, dY] with respect to the raw rows. */
export function sgclReference(x, y, xs, ys, dim, temperature) {
  const sides = [
    { unit: unitRows(x, dim), rows: xs, gradient: new Float64Array(x.length) },
    { unit: unitRows(y, dim), rows: ys, gradient: new Float64Array(y.length) },
  ];
  const count = xs.length;
  const weights = sides.map(() => new Float64Array(count));
  let loss = 0;
  for (let b = 0; b < count; b++) {
    let sum = 0;
    sides.forEach(({ unit, rows }, s) => {
      for (let j = 0; j < count; j++) {
        sum += weights[s][j] = Math.exp((dot(unit.rows, rows[b], unit.rows, rows[j], dim) - 1) / temperature);
      }
    });
    loss +=
      Math.log(sum) - (dot(sides[0].unit.rows, xs[b], sides[1].unit.rows, ys[b], dim) - 1) / temperature;
    sides.forEach(({ unit, rows, gradient }, s) => {
      for (let j = 0; j < count; j++) {
        const slope = weights[s][j] / sum / temperature;
        add(gradient, rows[b], slope, unit.rows, rows[j], dim);
        add(gradient, rows[j], slope, unit.rows, rows[b], dim);
      }
      const other = sides[1 - s];
      add(gradient, rows[b], -1 / temperature, other.unit.rows, other.rows[b], dim);
    });
  }
  return [Float64Array.of(loss), ...sides.map(({ unit, gradient }) => throughUnit(unit, gradient, dim))];
}

function unitRows(x, dim) {
  const rows = Float64Array.from(x);
  const norms = new Float64Array(x.length / dim);
  for (let r = 0; r < norms.length; r++) {
    norms[r] = Math.sqrt(dot(rows, r, rows, r, dim));
    for (let d = 0; d < dim; d++) rows[r * dim + d] /= norms[r];
  }
  return { rows, norms };
}

/** The gradient with respect to the rows before they were divided by their norm. */
function throughUnit({ rows, norms }, gradient, dim) {
  for (let r = 0; r < norms.length; r++) {
    const along = dot(rows, r, gradient, r, dim);
    for (let n = r * dim; n < (r + 1) * dim; n++) gradient[n] = (gradient[n] - along * rows[n]) / norms[r];
  }
  return gradient;
}

function dot(a, i, b, j, dim) {
  let sum = 0;
  for (let d = 0; d < dim; d++) sum += a[i * dim + d] * b[j * dim + d];
  return sum;
}

function add(to, i, factor, from, j, dim) {
  for (let d = 0; d < dim; d++) to[i * dim + d] += factor * from[j * dim + d];
}
