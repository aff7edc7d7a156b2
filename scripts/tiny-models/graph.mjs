// ONNX graphs with seeded random weights, and the parts that transformers are built of.
import onnxProto from 'onnx-proto';

const { onnx } = onnxProto;
export const { FLOAT, INT64, BOOL } = onnx.TensorProto.DataType;

const { INT, INTS, FLOAT: FLOAT_ATTRIBUTE } = onnx.AttributeProto.AttributeType;
export const int = (name, i) => ({ name, type: INT, i });
export const ints = (name, values) => ({ name, type: INTS, ints: values });
export const float = (name, f) => ({ name, type: FLOAT_ATTRIBUTE, f });

/** Collects nodes and weights; `op` returns the name of the node's output, so calls nest like expressions. */
export function makeGraph(seed) {
  const random = makeRandom(seed);
  const node = [];
  const initializer = [];
  let next = 0;
  const add = (dataType, dims, values) => {
    const name = `w${next++}`;
    const array = dataType === FLOAT ? Float32Array.from(values) : BigInt64Array.from(values, BigInt);
    initializer.push({ name, dataType, dims, rawData: new Uint8Array(array.buffer) });
    return name;
  };
  return {
    node,
    initializer,
    constant: (dims, values) => add(FLOAT, dims, values),
    integers: (dims, values) => add(INT64, dims, values),
    /** Roughly normal with this deviation, from sums alone: the same bits on every machine. */
    weight: (dims, deviation) =>
      add(
        FLOAT,
        dims,
        Array.from({ length: dims.reduce((a, b) => a * b) }, () => deviation * random()),
      ),
    op: (opType, input, attribute = [], output = `n${next++}`) => {
      node.push({ opType, name: output, input, output: [output], attribute });
      return output;
    },
  };
}

/** The bytes of a model file. `inputs` and `outputs` are made by `value`. */
export function encodeModel(graph, name, inputs, outputs) {
  const model = {
    irVersion: 8,
    producerName: 'llminit',
    opsetImport: [{ domain: '', version: 17 }],
    graph: { name, node: graph.node, initializer: graph.initializer, input: inputs, output: outputs },
  };
  return onnx.ModelProto.encode(onnx.ModelProto.create(model)).finish();
}

/** An input or output; an extent that is a text is known when the model runs. */
export function value(name, elemType, dims) {
  const dim = dims.map((extent) =>
    typeof extent === 'string' ? { dimParam: extent } : { dimValue: extent },
  );
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}

export function linear({ op, weight }, x, from, to) {
  return op('Add', [op('MatMul', [x, weight([from, to], 0.3)]), weight([to], 0.05)]);
}

export function normalize({ op, constant }, x, width, output) {
  const scale = constant([width], new Array(width).fill(1));
  const shift = constant([width], new Array(width).fill(0));
  return op('LayerNormalization', [x, scale, shift], [int('axis', -1), float('epsilon', 1e-12)], output);
}

/** 0 where attention may look, −10000 at padding: [batch, 1, 1, sequence]. */
export function paddingBias({ op, constant, integers }) {
  const keep = op('Cast', ['attention_mask'], [int('to', FLOAT)]);
  const masked = op('Sub', [constant([], [1]), op('Unsqueeze', [keep, integers([2], [1, 2])])]);
  return op('Mul', [masked, constant([], [-10000])]);
}

/** 0, 1, …, length of the sequence − 1. */
export function positions({ op, integers }, input = 'input_ids') {
  const length = op('Gather', [op('Shape', [input]), integers([], [1])]);
  return op('Range', [integers([], [0]), length, integers([], [1])]);
}

/**
 * Attention in `heads` heads; `bias`, where there is one, is added to the scores [batch, heads, from, to]; `turn` makes
 * queries and keys, [batch, heads, sequence, width / heads], know their places.
 */
export function attend(graph, x, { width, heads, bias, turn = (rows) => rows }) {
  const { op, integers, constant } = graph;
  const inHeads = (order) =>
    op(
      'Transpose',
      [op('Reshape', [linear(graph, x, width, width), integers([4], [0, 0, heads, width / heads])])],
      [ints('perm', order)],
    );
  const query = turn(inHeads([0, 2, 1, 3]));
  const key = op('Transpose', [turn(inHeads([0, 2, 1, 3]))], [ints('perm', [0, 1, 3, 2])]);
  const values = inHeads([0, 2, 1, 3]);
  const scores = op('Mul', [op('MatMul', [query, key]), constant([], [1 / Math.sqrt(width / heads)])]);
  const weights = op('Softmax', [bias ? op('Add', [scores, bias]) : scores], [int('axis', -1)]);
  const joined = op('Transpose', [op('MatMul', [weights, values])], [ints('perm', [0, 2, 1, 3])]);
  return linear(graph, op('Reshape', [joined, integers([3], [0, 0, width])]), width, width);
}

/** Two linear maps with the exact GELU, x/2 · (1 + erf(x/√2)), between them. */
export function feedForward(graph, x, width, inner) {
  const { op, constant } = graph;
  const wide = linear(graph, x, width, inner);
  const erf = op('Erf', [op('Mul', [wide, constant([], [Math.SQRT1_2])])]);
  const gate = op('Mul', [op('Add', [erf, constant([], [1])]), constant([], [0.5])]);
  return linear(graph, op('Mul', [wide, gate]), inner, width);
}

/** The sum of twelve uniforms less six (mean 0, variance 1), from the generator mulberry32. */
function makeRandom(seed) {
  let state = seed;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => Array.from({ length: 12 }, uniform).reduce((sum, x) => sum + x, -6);
}
