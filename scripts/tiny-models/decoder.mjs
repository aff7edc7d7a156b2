// A decoder that is read at its last token: causal attention, rotary positions, RMS norms and gated layers, byte-level
// pairs as tokens and one that ends every text. Source: Yang et al. 2024 (Qwen2), as transformers' `Qwen2Model`, with
// one key per query head.
import {
  attend,
  encodeModel,
  FLOAT,
  INT64,
  int,
  ints,
  makeGraph,
  paddingBias,
  positions,
  value,
} from './graph.mjs';
import { addedToken } from './wordPiece.mjs';

const HIDDEN = 32;
const HEADS = 2;
const HEAD = HIDDEN / HEADS;
const LAYERS = 2;
const INNER = 64;
const TOKENS = 96;
const THETA = 10000;
const END = '<|endoftext|>';

export function decoder() {
  const { files, size } = bytePairs();
  const config = {
    model_type: 'qwen2',
    architectures: ['Qwen2Model'],
    hidden_size: HIDDEN,
    num_attention_heads: HEADS,
    num_key_value_heads: HEADS,
    num_hidden_layers: LAYERS,
    intermediate_size: INNER,
    max_position_embeddings: TOKENS,
    rope_theta: THETA,
    vocab_size: size,
    pad_token_id: size - 1,
    eos_token_id: size - 1,
  };
  return { ...files, 'config.json': config, 'onnx/model.onnx': model(size) };
}

/** The bytes as letters, as GPT-2 writes them, and some pairs joined. */
function bytePairs() {
  const isShown = (byte) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  const letters = Array.from({ length: 256 }, (_, byte) =>
    String.fromCharCode(isShown(byte) ? byte : next++),
  );
  const merges = ['i n', 'in g', 'e r', 'o n', 't h', 'th e', 'p e', 'pe n', 'r e', 're d'];
  const tokens = [...letters, ...merges.map((pair) => pair.replace(' ', '')), END];
  const end = tokens.length - 1;
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: true };
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [addedToken(end, END)],
    normalizer: { type: 'NFC' },
    pre_tokenizer: byteLevel,
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: END, type_id: 0 } }],
      pair: [],
      special_tokens: { [END]: { id: END, ids: [end], tokens: [END] } },
    },
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      vocab: Object.fromEntries(tokens.slice(0, end).map((token, id) => [token, id])),
      merges,
    },
  };
  const config = {
    tokenizer_class: 'Qwen2Tokenizer',
    model_max_length: TOKENS,
    padding_side: 'left',
    pad_token: END,
    eos_token: END,
  };
  return { files: { 'tokenizer.json': tokenizer, 'tokenizer_config.json': config }, size: tokens.length };
}

function model(vocabularySize) {
  const graph = makeGraph(2022);
  const { op, weight } = graph;
  let x = op('Gather', [weight([vocabularySize, HIDDEN], 1), 'input_ids']);
  const bias = op('Add', [paddingBias(graph), causalBias(graph)]);
  const turn = rotary(graph);
  for (let layer = 0; layer < LAYERS; layer++) {
    x = op('Add', [x, attend(graph, rmsNorm(graph, x), { width: HIDDEN, heads: HEADS, bias, turn })]);
    x = op('Add', [x, gated(graph, rmsNorm(graph, x))]);
  }
  rmsNorm(graph, x, 'last_hidden_state');
  const inputs = ['input_ids', 'attention_mask', 'position_ids'].map((name) =>
    value(name, INT64, ['batch', 'sequence']),
  );
  const output = value('last_hidden_state', FLOAT, ['batch', 'sequence', HIDDEN]);
  return encodeModel(graph, 'tiny-decoder', inputs, [output]);
}

/** −10000 for what comes later: [1, 1, sequence, sequence]. */
function causalBias(graph) {
  const { op, integers, constant } = graph;
  const at = positions(graph);
  const later = op('Greater', [
    op('Unsqueeze', [at, integers([3], [0, 1, 2])]),
    op('Unsqueeze', [at, integers([3], [0, 1, 3])]),
  ]);
  return op('Mul', [op('Cast', [later], [int('to', FLOAT)]), constant([], [-10000])]);
}

/** Turns the halves of each head's rows by position × θ^(−2k / HEAD). */
function rotary({ op, constant, integers }) {
  const half = HEAD / 2;
  const speeds = Array.from({ length: half }, (_, k) => THETA ** (-k / half));
  const places = op('Unsqueeze', [op('Cast', ['position_ids'], [int('to', FLOAT)]), integers([2], [1, 3])]);
  const angles = op('Mul', [places, constant([half], speeds)]);
  const both = op('Concat', [angles, angles], [int('axis', -1)]);
  const [cos, sin] = [op('Cos', [both]), op('Sin', [both])];
  const part = (x, from, to) =>
    op('Slice', [x, integers([1], [from]), integers([1], [to]), integers([1], [3])]);
  return (x) => {
    const swapped = op('Concat', [op('Neg', [part(x, half, HEAD)]), part(x, 0, half)], [int('axis', -1)]);
    return op('Add', [op('Mul', [x, cos]), op('Mul', [swapped, sin])]);
  };
}

function rmsNorm({ op, constant }, x, output) {
  const squares = op('ReduceMean', [op('Mul', [x, x])], [ints('axes', [-1]), int('keepdims', 1)]);
  const root = op('Sqrt', [op('Add', [squares, constant([], [1e-6])])]);
  return op('Mul', [op('Div', [x, root]), constant([HIDDEN], new Array(HIDDEN).fill(1))], [], output);
}

/** down(SiLU(gate(x)) · up(x)), without biases. */
function gated({ op, weight }, x) {
  const map = (rows, from, to) => op('MatMul', [rows, weight([from, to], 0.3)]);
  const gate = map(x, HIDDEN, INNER);
  const silu = op('Mul', [gate, op('Sigmoid', [gate])]);
  return map(op('Mul', [silu, map(x, HIDDEN, INNER)]), INNER, HIDDEN);
}
