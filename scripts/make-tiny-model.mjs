/**
 * Writes a tiny BERT encoder that transformers.js can load, for tests: two layers, two heads, hidden size 32,
 * a WordPiece tokenizer, seeded random weights, about 110 KB. Its vectors mean nothing, but are computed as
 * a real model's are.
 *
 *   node scripts/make-tiny-model.mjs models/tiny
 *
 *   models/tiny/config.json, tokenizer.json, tokenizer_config.json, onnx/model.onnx
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import onnxProto from 'onnx-proto';

const { onnx } = onnxProto;
const { FLOAT, INT64 } = onnx.TensorProto.DataType;

const { INT, INTS, FLOAT: FLOAT_ATTRIBUTE } = onnx.AttributeProto.AttributeType;
const int = (name, i) => ({ name, type: INT, i });
const ints = (name, values) => ({ name, type: INTS, ints: values });
const float = (name, f) => ({ name, type: FLOAT_ATTRIBUTE, f });

const HIDDEN = 32;
const HEADS = 2;
const LAYERS = 2;
const INNER = 64;
const POSITIONS = 128;
const SEED = 2020;

const folder = process.argv[2];
if (!folder || process.argv.length > 3) {
  console.error('Usage: node scripts/make-tiny-model.mjs FOLDER');
  process.exit(2);
}
const vocabulary = makeVocabulary();
mkdirSync(join(folder, 'onnx'), { recursive: true });
const saveJson = (name, value) => writeFileSync(join(folder, name), JSON.stringify(value, null, 2));
saveJson('config.json', modelConfig());
saveJson('tokenizer.json', tokenizer());
saveJson('tokenizer_config.json', tokenizerConfig());
writeFileSync(join(folder, 'onnx/model.onnx'), encodeModel());

/** Special tokens, then pieces that cover every word of a-z and 0-9, then some whole words. */
function makeVocabulary() {
  const letters = [...'abcdefghijklmnopqrstuvwxyz0123456789'];
  const endings = ['ing', 'ed', 'er', 'es', 'al', 'ion', 'ly', 'ness'];
  const words =
    'the a of and for with in to black white red blue paper pen ink color set pack film movie book game music home office tool light small large new old';
  const pieces = [...letters, ...letters.map((x) => `##${x}`), ...endings.map((x) => `##${x}`)];
  const tokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', ...'.,:;!?()-&/\'"%+#', ...pieces];
  return [...new Set([...tokens, ...words.split(' ')])];
}

function modelConfig() {
  return {
    model_type: 'bert',
    architectures: ['BertModel'],
    hidden_size: HIDDEN,
    num_attention_heads: HEADS,
    num_hidden_layers: LAYERS,
    intermediate_size: INNER,
    max_position_embeddings: POSITIONS,
    type_vocab_size: 2,
    vocab_size: vocabulary.length,
    pad_token_id: 0,
  };
}

function tokenizer() {
  const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
  const piece = (id) => ({ SpecialToken: { id, type_id: 0 } });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [piece('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, piece('[SEP]')],
      pair: [],
      special_tokens: {
        '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] },
        '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] },
      },
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
    },
  };
}

function tokenizerConfig() {
  return {
    tokenizer_class: 'BertTokenizer',
    do_lower_case: true,
    model_max_length: POSITIONS,
    pad_token: '[PAD]',
    unk_token: '[UNK]',
    cls_token: '[CLS]',
    sep_token: '[SEP]',
    mask_token: '[MASK]',
  };
}

/** Collects nodes and weights; `op` returns the name of the node's output, so calls nest like expressions. */
function makeGraph() {
  const random = makeRandom(SEED);
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

function encodeModel() {
  const graph = makeGraph();
  const { op, integers } = graph;
  let x = embed(graph);
  const keep = op('Cast', ['attention_mask'], [int('to', FLOAT)]);
  const masked = op('Sub', [graph.constant([], [1]), op('Unsqueeze', [keep, integers([2], [1, 2])])]);
  const bias = op('Mul', [masked, graph.constant([], [-10000])]);
  for (let layer = 0; layer < LAYERS; layer++) {
    x = normalize(graph, op('Add', [x, attend(graph, x, bias)]));
    const last = layer === LAYERS - 1 ? 'last_hidden_state' : undefined;
    x = normalize(graph, op('Add', [x, feedForward(graph, x)]), last);
  }
  const model = {
    irVersion: 8,
    producerName: 'llminit',
    opsetImport: [{ domain: '', version: 17 }],
    graph: {
      name: 'tiny-bert',
      node: graph.node,
      initializer: graph.initializer,
      input: ['input_ids', 'attention_mask', 'token_type_ids'].map((name) =>
        value(name, INT64, ['batch', 'sequence']),
      ),
      output: [value('last_hidden_state', FLOAT, ['batch', 'sequence', HIDDEN])],
    },
  };
  return onnx.ModelProto.encode(onnx.ModelProto.create(model)).finish();
}

/** Word + type + position embeddings [batch, sequence, HIDDEN]. */
function embed({ op, weight, integers, constant }) {
  const words = op('Gather', [weight([vocabulary.length, HIDDEN], 1), 'input_ids']);
  const types = op('Gather', [weight([2, HIDDEN], 0.1), 'token_type_ids']);
  const length = op('Gather', [op('Shape', ['input_ids']), integers([], [1])]);
  const range = op('Range', [integers([], [0]), length, integers([], [1])]);
  const positions = op('Gather', [weight([POSITIONS, HIDDEN], 0.1), range]);
  return normalize({ op, constant }, op('Add', [op('Add', [words, types]), positions]));
}

function attend(graph, x, bias) {
  const { op, integers, constant } = graph;
  const heads = (order) =>
    op(
      'Transpose',
      [op('Reshape', [linear(graph, x, HIDDEN, HIDDEN), integers([4], [0, 0, HEADS, HIDDEN / HEADS])])],
      [ints('perm', order)],
    );
  const query = heads([0, 2, 1, 3]);
  const key = heads([0, 2, 3, 1]);
  const values = heads([0, 2, 1, 3]);
  const scores = op('Mul', [op('MatMul', [query, key]), constant([], [1 / Math.sqrt(HIDDEN / HEADS)])]);
  const weights = op('Softmax', [op('Add', [scores, bias])], [int('axis', -1)]);
  const joined = op('Transpose', [op('MatMul', [weights, values])], [ints('perm', [0, 2, 1, 3])]);
  return linear(graph, op('Reshape', [joined, integers([3], [0, 0, HIDDEN])]), HIDDEN, HIDDEN);
}

/** Two linear maps with the exact GELU, x/2 · (1 + erf(x/√2)), between them. */
function feedForward(graph, x) {
  const { op, constant } = graph;
  const inner = linear(graph, x, HIDDEN, INNER);
  const erf = op('Erf', [op('Mul', [inner, constant([], [Math.SQRT1_2])])]);
  const gate = op('Mul', [op('Add', [erf, constant([], [1])]), constant([], [0.5])]);
  return linear(graph, op('Mul', [inner, gate]), INNER, HIDDEN);
}

function linear({ op, weight }, x, from, to) {
  return op('Add', [op('MatMul', [x, weight([from, to], 0.3)]), weight([to], 0.05)]);
}

function normalize({ op, constant }, x, output) {
  const scale = constant([HIDDEN], new Array(HIDDEN).fill(1));
  const shift = constant([HIDDEN], new Array(HIDDEN).fill(0));
  return op('LayerNormalization', [x, scale, shift], [int('axis', -1), float('epsilon', 1e-12)], output);
}

function value(name, elemType, dims) {
  const dim = dims.map((extent) =>
    typeof extent === 'string' ? { dimParam: extent } : { dimValue: extent },
  );
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
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
