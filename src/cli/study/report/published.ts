/** Recall@10 and NDCG@10 as published. */
export type Published = readonly [recall: number, ndcg: number];

/** Table 1 of Zhang et al. (LLMInit, 2025), by dataset, model and initialisation. MPNet vectors. */
export const TABLE1: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Published>>>>>> =
  {
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
