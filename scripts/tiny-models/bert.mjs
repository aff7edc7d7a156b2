// A BERT encoder. Source: Devlin et al. 2019, as the ONNX files of sentence encoders have it.
import {
  attend,
  encodeModel,
  FLOAT,
  feedForward,
  INT64,
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
const POSITIONS = 128;
const SPECIAL = { pad: '[PAD]', unk: '[UNK]', cls: '[CLS]', sep: '[SEP]', mask: '[MASK]' };

export function bert() {
  const { files, size } = wordPiece('BertTokenizer', SPECIAL, POSITIONS);
  const config = {
    model_type: 'bert',
    architectures: ['BertModel'],
    hidden_size: HIDDEN,
    num_attention_heads: HEADS,
    num_hidden_layers: LAYERS,
    intermediate_size: INNER,
    max_position_embeddings: POSITIONS,
    type_vocab_size: 2,
    vocab_size: size,
    pad_token_id: 0,
  };
  return { ...files, 'config.json': config, 'onnx/model.onnx': model(size) };
}

function model(vocabularySize) {
  const graph = makeGraph(2020);
  const { op } = graph;
  let x = embed(graph, vocabularySize);
  const bias = paddingBias(graph);
  for (let layer = 0; layer < LAYERS; layer++) {
    const attended = attend(graph, x, { width: HIDDEN, heads: HEADS, bias });
    x = normalize(graph, op('Add', [x, attended]), HIDDEN);
    const last = layer === LAYERS - 1 ? 'last_hidden_state' : undefined;
    x = normalize(graph, op('Add', [x, feedForward(graph, x, HIDDEN, INNER)]), HIDDEN, last);
  }
  const inputs = ['input_ids', 'attention_mask', 'token_type_ids'].map((name) =>
    value(name, INT64, ['batch', 'sequence']),
  );
  const output = value('last_hidden_state', FLOAT, ['batch', 'sequence', HIDDEN]);
  return encodeModel(graph, 'tiny-bert', inputs, [output]);
}

/** Word + type + position embeddings [batch, sequence, HIDDEN]. */
function embed(graph, vocabularySize) {
  const { op, weight } = graph;
  const words = op('Gather', [weight([vocabularySize, HIDDEN], 1), 'input_ids']);
  const types = op('Gather', [weight([2, HIDDEN], 0.1), 'token_type_ids']);
  const places = op('Gather', [weight([POSITIONS, HIDDEN], 0.1), positions(graph)]);
  return normalize(graph, op('Add', [op('Add', [words, types]), places]), HIDDEN);
}
