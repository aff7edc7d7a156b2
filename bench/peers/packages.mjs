// Peers from npm: ml-matrix, a development dependency, and tfjs with its wasm backend when setup.mjs has put it in .bench/.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { SCRATCH } from '../library.mjs';
import { timed } from '../measure.mjs';

/** a bᵀ with ml-matrix, which computes in float64. */
export async function mlMatrixGemm(name, a, b, dim) {
  const { Matrix } = await import('ml-matrix').catch(() => ({}));
  if (!Matrix) return { name, absent: 'ml-matrix is not installed' };
  const rows = (x) => Matrix.from1DArray(x.length / dim, dim, x);
  const left = rows(a);
  const right = rows(b).transpose();
  let c;
  return {
    name,
    run: timed(() => {
      c = left.mmul(right);
    }),
    result: () => [Float64Array.from(c.to1DArray())],
  };
}

/** a bᵀ with tfjs-wasm, b already transposed, which is its fast form. */
export async function tfjsGemm(name, a, b, dim) {
  const tf = await importTfjs();
  if (!tf) return { name, absent: 'tfjs is not installed (node bench/peers/setup.mjs)' };
  const left = tf.tensor2d(a, [a.length / dim, dim]);
  const right = tf.tensor2d(b, [b.length / dim, dim]).transpose();
  let c;
  return {
    name,
    run: timed(() => {
      c?.dispose();
      c = tf.matMul(left, right);
      c.dataSync();
    }),
    result: () => [c.dataSync()],
  };
}

async function importTfjs() {
  const { resolve } = createRequire(`${SCRATCH}/`);
  try {
    const load = async (name) => {
      const module = await import(pathToFileURL(resolve(name)).href);
      return module.default ?? module;
    };
    const tf = await load('@tensorflow/tfjs');
    await load('@tensorflow/tfjs-backend-wasm');
    return (await tf.setBackend('wasm')) ? tf : null;
  } catch {
    return null;
  }
}
