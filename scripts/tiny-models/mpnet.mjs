// An MPNet encoder: BERT without token types, with a bias by distance that all layers share, and places counted from
// the padding's number on. Source: Song et al. 2020, as transformers' `MPNetModel` has it.
import {
  attend,
  encodeModel,
  FLOAT,
  feedForward,
  INT64,
  int,
  ints,
  makeGraph,
  normalize,
  paddingBias,
  positions,
  value,
} from './graph.mjs';
import { wordPiece } from './wordPiece.mjs';

const HIDDEN = 32;
const HEADS = 2;
const LAYERS = 2;
const INNER = 64;
const TOKENS = 64;
const PAD = 1;
const BUCKETS = 32;
const SPECIAL = { cls: '<s>', pad: '<pad>', sep: '</s>', unk: '[UNK]', mask: '<mask>' };

export function mpnet() {
  const { files, size } = wordPiece('MPNetTokenizer', SPECIAL, TOKENS);
  const config = {
    model_type: 'mpnet',
    architectures: ['MPNetModel'],
    hidden_size: HIDDEN,
    num_attention_heads: HEADS,
    num_hidden_layers: LAYERS,
    intermediate_size: INNER,
    max_position_embeddings: TOKENS + PAD + 1,
    relative_attention_num_buckets: BUCKETS,
    vocab_size: size,
    pad_token_id: PAD,
  };
  return { ...files, 'config.json': config, 'onnx/model.onnx': model(size) };
}

function model(vocabularySize) {
  const graph = makeGraph(2021);
  const { op } = graph;
  let x = embed(graph, vocabularySize);
  const bias = op('Add', [paddingBias(graph), distanceBias(graph)]);
  for (let layer = 0; layer < LAYERS; layer++) {
    const attended = attend(graph, x, { width: HIDDEN, heads: HEADS, bias });
    x = normalize(graph, op('Add', [x, attended]), HIDDEN);
    const last = layer === LAYERS - 1 ? 'last_hidden_state' : undefined;
    x = normalize(graph, op('Add', [x, feedForward(graph, x, HIDDEN, INNER)]), HIDDEN, last);
  }
  const inputs = ['input_ids', 'attention_mask'].map((name) => value(name, INT64, ['batch', 'sequence']));
  const output = value('last_hidden_state', FLOAT, ['batch', 'sequence', HIDDEN]);
  return encodeModel(graph, 'tiny-mpnet', inputs, [output]);
}

/** Word and place embeddings; the place of a token is PAD + how many tokens stand up to it. */
function embed(graph, vocabularySize) {
  const { op, weight, integers } = graph;
  const words = op('Gather', [weight([vocabularySize, HIDDEN], 1), 'input_ids']);
  const isPad = op('Equal', ['input_ids', integers([], [PAD])]);
  const present = op('Cast', [op('Not', [isPad])], [int('to', INT64)]);
  const counted = op('Mul', [op('CumSum', [present, integers([], [1])]), present]);
  const places = op('Add', [counted, integers([], [PAD])]);
  const where = op('Gather', [weight([TOKENS + PAD + 1, HIDDEN], 0.1), places]);
  return normalize(graph, op('Add', [words, where]), HIDDEN);
}

/** [1, HEADS, sequence, sequence]: a weight per head and bucket of distances. */
function distanceBias(graph) {
  const { op, weight, integers } = graph;
  const at = positions(graph);
  const distances = op('Sub', [
    op('Unsqueeze', [at, integers([1], [0])]),
    op('Unsqueeze', [at, integers([1], [1])]),
  ]);
  const all = Array.from({ length: 2 * TOKENS - 1 }, (_, n) => bucket(n - (TOKENS - 1)));
  const which = op('Gather', [
    integers([all.length], all),
    op('Add', [distances, integers([], [TOKENS - 1])]),
  ]);
  const biases = op('Gather', [weight([BUCKETS, HEADS], 0.5), which]);
  return op('Transpose', [op('Unsqueeze', [biases, integers([1], [0])])], [ints('perm', [0, 3, 1, 2])]);
}

/** Half of the buckets for each direction, one per distance up to a quarter of all, then ever wider ones. */
function bucket(distance) {
  const half = BUCKETS / 2;
  const exact = half / 2;
  const side = distance < 0 ? half : 0;
  const far = Math.abs(distance);
  if (far < exact) return side + far;
  const wide = exact + Math.floor((Math.log(far / exact) / Math.log(128 / exact)) * (half - exact));
  return side + Math.min(wide, half - 1);
}
