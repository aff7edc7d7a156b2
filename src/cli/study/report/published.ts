/** Recall@10 and NDCG@10 as published. */
export type Published = readonly [recall: number, ndcg: number];

/** Table 1 of Zhang et al. (LLMInit, 2025), by dataset, model and initialisation. MPNet vectors. */
export const TABLE1: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Published>>>>>> =
  {
    'amazon-beauty': {
      lightgcn: {
        xavier: [0.091, 0.0432],
        random: [0.096, 0.0467],
        uniform: [0.1006, 0.0469],
        variance: [0.1019, 0.0485],
      },
      sgl: {
        xavier: [0.1017, 0.0474],
        random: [0.1069, 0.052],
        uniform: [0.1101, 0.0513],
        variance: [0.1106, 0.053],
      },
      sgcl: {
        xavier: [0.1027, 0.0499],
        random: [0.1094, 0.0512],
        uniform: [0.1115, 0.0513],
        variance: [0.1104, 0.0522],
      },
    },
    'amazon-toys-games': {
      lightgcn: {
        xavier: [0.0775, 0.036],
        random: [0.0805, 0.0387],
        uniform: [0.0806, 0.0388],
        variance: [0.0808, 0.0389],
      },
      sgl: {
        xavier: [0.0832, 0.038],
        random: [0.0885, 0.0418],
        uniform: [0.092, 0.0424],
        variance: [0.0927, 0.0427],
      },
      sgcl: {
        xavier: [0.0828, 0.0382],
        random: [0.0929, 0.0418],
        uniform: [0.0923, 0.0422],
        variance: [0.0941, 0.0421],
      },
    },
    'amazon-tools-home': {
      lightgcn: {
        xavier: [0.0574, 0.0283],
        random: [0.0612, 0.0313],
        uniform: [0.0633, 0.0319],
        variance: [0.0633, 0.0317],
      },
      sgl: {
        xavier: [0.058, 0.0284],
        random: [0.0692, 0.0337],
        uniform: [0.0676, 0.0333],
        variance: [0.0686, 0.0339],
      },
      sgcl: {
        xavier: [0.0585, 0.0294],
        random: [0.0651, 0.0326],
        uniform: [0.065, 0.0327],
        variance: [0.0646, 0.0327],
      },
    },
    'amazon-office': {
      lightgcn: {
        xavier: [0.0745, 0.0365],
        random: [0.0773, 0.0387],
        uniform: [0.0791, 0.0395],
        variance: [0.0816, 0.0414],
      },
      sgl: {
        xavier: [0.0669, 0.0297],
        random: [0.081, 0.0426],
        uniform: [0.0773, 0.035],
        variance: [0.0794, 0.0421],
      },
      sgcl: {
        xavier: [0.0647, 0.0298],
        random: [0.077, 0.0365],
        uniform: [0.0742, 0.0354],
        variance: [0.0776, 0.0366],
      },
    },
  };

/** Table 2 by system: Beauty, and Toys & Games. The rows of LLMInit are those of SGCL. */
export const TABLE2: Readonly<Record<string, readonly [beauty: Published, toys: Published]>> = {
  MoRec: [
    [0.0857, 0.0397],
    [0.0793, 0.0362],
  ],
  LLMRec: [
    [0.0974, 0.0472],
    [0.082, 0.0389],
  ],
  TIGER: [
    [0.1015, 0.0481],
    [0.0864, 0.0385],
  ],
  'LLMInit-Full (SGCL)': [
    [0.1029, 0.0475],
    [0.0871, 0.0387],
  ],
  'LLMInit-Var (SGCL)': [
    [0.1104, 0.0522],
    [0.0941, 0.0421],
  ],
};

/** Table 5: pooling, on Beauty. */
export const TABLE5: Readonly<Record<string, Published>> = {
  mean: [0.1104, 0.0522],
  max: [0.1088, 0.051],
  lightgcn: [0.1101, 0.0515],
};
