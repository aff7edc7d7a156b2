// The vision tower of a CLIP model: patches and a class token through transformer layers, then a projection.
// Source: Radford et al. 2021, as transformers' `CLIPVisionModelWithProjection`.
import { attend, encodeModel, FLOAT, int, ints, linear, makeGraph, normalize, value } from './graph.mjs';

const SIDE = 32;
const PATCH = 8;
const PATCHES = (SIDE / PATCH) ** 2;
const HIDDEN = 32;
const HEADS = 2;
const LAYERS = 2;
const INNER = 64;
const WIDTH = 24;

export function clipVision() {
  const vision = {
    hidden_size: HIDDEN,
    image_size: SIDE,
    intermediate_size: INNER,
    num_attention_heads: HEADS,
    num_hidden_layers: LAYERS,
    patch_size: PATCH,
    projection_dim: WIDTH,
  };
  const config = {
    model_type: 'clip',
    architectures: ['CLIPModel'],
    projection_dim: WIDTH,
    vision_config: { model_type: 'clip_vision_model', ...vision },
  };
  const preprocessor = {
    feature_extractor_type: 'CLIPFeatureExtractor',
    image_processor_type: 'CLIPImageProcessor',
    do_center_crop: true,
    do_normalize: true,
    do_resize: true,
    do_rescale: true,
    rescale_factor: 1 / 255,
    crop_size: { height: SIDE, width: SIDE },
    size: { shortest_edge: SIDE },
    resample: 3,
    image_mean: [0.48145466, 0.4578275, 0.40821073],
    image_std: [0.26862954, 0.26130258, 0.27577711],
  };
  return {
    'config.json': config,
    'preprocessor_config.json': preprocessor,
    'onnx/vision_model.onnx': model(),
  };
}

function model() {
  const graph = makeGraph(2023);
  const { op, weight } = graph;
  let x = normalize(graph, embed(graph), HIDDEN);
  for (let layer = 0; layer < LAYERS; layer++) {
    x = op('Add', [x, attend(graph, normalize(graph, x, HIDDEN), { width: HIDDEN, heads: HEADS })]);
    x = op('Add', [x, quickGelu(graph, normalize(graph, x, HIDDEN))]);
  }
  const first = op('Gather', [x, graph.integers([], [0])], [int('axis', 1)]);
  op('MatMul', [normalize(graph, first, HIDDEN), weight([HIDDEN, WIDTH], 0.3)], [], 'image_embeds');
  const input = value('pixel_values', FLOAT, ['batch', 3, SIDE, SIDE]);
  return encodeModel(graph, 'tiny-clip-vision', [input], [value('image_embeds', FLOAT, ['batch', WIDTH])]);
}

/** The class token and the patches, with their places: [batch, 1 + PATCHES, HIDDEN]. */
function embed({ op, weight, integers }) {
  const patches = op(
    'Conv',
    ['pixel_values', weight([HIDDEN, 3, PATCH, PATCH], 0.1)],
    [ints('kernel_shape', [PATCH, PATCH]), ints('strides', [PATCH, PATCH])],
  );
  const rows = op(
    'Transpose',
    [op('Reshape', [patches, integers([3], [0, HIDDEN, PATCHES])])],
    [ints('perm', [0, 2, 1])],
  );
  const batch = op('Slice', [op('Shape', [rows]), integers([1], [0]), integers([1], [1])]);
  const shape = op('Concat', [batch, integers([2], [1, HIDDEN])], [int('axis', 0)]);
  const token = op('Expand', [weight([1, 1, HIDDEN], 1), shape]);
  const all = op('Concat', [token, rows], [int('axis', 1)]);
  return op('Add', [all, weight([1, 1 + PATCHES, HIDDEN], 0.1)]);
}

/** Two linear maps with x · σ(1.702 x) between them. */
function quickGelu(graph, x) {
  const { op, constant } = graph;
  const wide = linear(graph, x, HIDDEN, INNER);
  const gate = op('Sigmoid', [op('Mul', [wide, constant([], [1.702])])]);
  return linear(graph, op('Mul', [wide, gate]), INNER, HIDDEN);
}
