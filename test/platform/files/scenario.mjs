// The job that every runtime does: fill the tables in each way, train, evaluate, save, load, recommend; vectors of texts
// in many scripts, and of new ones. It imports nothing, so that it runs wherever the package does; the caller hands over the package.

const USERS = 240;
const ITEMS = 120;
const PER_USER = 18;
const WIDTH = 48;
const DIM = 32;
const THEMES = ['river', 'copper', 'winter', 'violin', 'desert', 'garden'];

/**
 * @param {typeof import('../../../src/index.ts')} llminit
 * @param {import('../../../src/runtime/load.ts').Runtime} runtime
 * @returns a digest over trained factors, metrics and recommendations, with the digest of each part
 */
export async function runScenario(llminit, runtime) {
  const random = generator(20);
  const split = plantedSplit(llminit, random);
  const { itemIds } = split.train;
  const parts = {};
  for (const strategy of ['xavier', 'variance', 'pca', 'lexical']) {
    const embeddings =
      strategy === 'lexical'
        ? (await llminit.lexicalEmbeddings(itemIds, itemIds.map(textOf), { dim: WIDTH, runtime })).embeddings
        : strategy === 'xavier'
          ? null
          : plantedVectors(llminit, itemIds, random);
    const result = await trainAndServe(llminit, runtime, split, embeddings, strategy);
    Object.assign(parts, result);
  }
  Object.assign(parts, await embedAndTransform(llminit, runtime));
  return { digest: digest(new TextEncoder().encode(JSON.stringify(parts))), parts };
}

const SCRIPTS = {
  english: ['red ink pen', 'blue ink pen', 'red oak desk', 'oak desk lamp', 'blue desk lamp'],
  german: ['Kaffeemaschine', 'Waschmaschine', 'Nähmaschine', 'Holzregal', 'Bücherregal', 'Wandregal weiß'],
  chinese: ['红色墨水笔', '蓝色墨水笔', '红色橡木书桌', '橡木台灯', '蓝色台灯'],
  japanese: ['赤いインクのペン', '青いインクのペン', '赤いオーク材の机', 'デスクランプ', '青いランプ'],
  thai: ['ปากกาหมึกแดง', 'ปากกาหมึกน้ำเงิน', 'โต๊ะไม้โอ๊ก', 'โคมไฟตั้งโต๊ะ'],
  arabic: ['قلم حبر أحمر', 'قلم حبر أزرق', 'مكتب خشب أحمر'],
};
const NEW_TEXTS = [
  'green ink and an oak lamp',
  'Spülmaschine',
  '绿色墨水',
  '緑のインクのランプ',
  'โคมไฟหมึก',
  'حبر',
  'zzz',
];

/** @throws when the vector that a text of the catalogue gets anew is another one than it has there */
async function embedAndTransform(llminit, runtime) {
  const texts = Object.values(SCRIPTS).flat();
  const { embeddings } = await llminit.lexicalEmbeddings(texts, texts, { dim: 16, runtime });
  const { ids, vectors, width, lexical } = embeddings;
  const transform = llminit.textTransform(lexical);
  for (const [row, text] of ids.entries()) {
    const again = transform(text);
    const stored = vectors.subarray(row * width, (row + 1) * width);
    if (!again || stored.some((value, k) => Math.abs(value - again[k]) > 1e-5))
      throw new Error(`the vector of "${text}" is another one than in the catalogue`);
  }
  const fresh = NEW_TEXTS.map((text) => transform(text));
  return {
    'texts.vectors': digest(bytesOf(vectors)),
    'texts.new': fresh.map((vector) => (vector ? digest(bytesOf(vector)) : null)),
  };
}

async function trainAndServe(llminit, runtime, split, embeddings, strategy) {
  const dim = embeddings ? Math.min(DIM, embeddings.width) : DIM;
  const initial = await llminit.initialize(split.train, embeddings, {
    strategy: strategy === 'lexical' ? 'variance' : strategy,
    dim,
    runtime,
  });
  const { factors } = await llminit.fit(split, initial, { epochs: 3, batchSize: 512, runtime });
  const metrics = await llminit.evaluate(factors, split, { runtime });
  const model = llminit.modelFrom(split, factors, { metrics: metrics.means });
  const bytes = llminit.encodeModel(model);
  const recommender = new llminit.Recommender(llminit.decodeModel(bytes, 'scenario'), runtime);
  const served = [
    ...['u0', 'u7', 'u101'].map((user) => recommender.recommend(user, { k: 7 })),
    recommender.recommendFor(['i3', 'i33', 'i63'], { k: 5, exclude: ['i9'] }),
    recommender.similarItems('i5'),
    recommender.popularItems(),
  ];
  return {
    [`${strategy}.initial`]: digest(bytesOf(initial.items), bytesOf(initial.users)),
    [`${strategy}.factors`]: digest(bytesOf(factors.items), bytesOf(factors.users)),
    [`${strategy}.metrics`]: metrics.means,
    [`${strategy}.file`]: digest(bytes),
    [`${strategy}.served`]: served.map((list) => list.map(({ id, score }) => `${id} ${score}`).join(', ')),
  };
}

/** Users take items of their own theme, mostly. */
function plantedSplit(llminit, random) {
  const rows = [];
  for (let user = 0; user < USERS; user++) {
    for (let n = 0; n < PER_USER; n++) {
      const theme = n % 4 === 3 ? random() % THEMES.length : user % THEMES.length;
      const item = (random() % (ITEMS / THEMES.length)) * THEMES.length + theme;
      rows.push({ user: `u${user}`, item: `i${item}` });
    }
  }
  const interactions = llminit.Interactions.from(rows);
  return llminit.leaveOneOut(interactions, { order: 'random', seed: 3 });
}

/** Text vectors that know the themes; sixteenths, so that no runtime rounds them. */
function plantedVectors(llminit, ids, random) {
  const vectors = new Float32Array(ids.length * WIDTH);
  ids.forEach((id, row) => {
    const theme = Number(id.slice(1)) % THEMES.length;
    for (let c = 0; c < WIDTH; c++) {
      vectors[row * WIDTH + c] = (c % THEMES.length === theme ? 1 : 0) + ((random() % 17) - 8) / 16;
    }
  });
  return new llminit.Embeddings({ ids, width: WIDTH, vectors, source: 'planted' });
}

function textOf(id) {
  const item = Number(id.slice(1));
  const theme = THEMES[item % THEMES.length];
  return `${theme} ${THEMES[(item >> 2) % THEMES.length]} volume ${item % 7} of the ${theme} series`;
}

function bytesOf(array) {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Numerical Recipes' linear congruential generator, its upper bits. */
function generator(state) {
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 8;
  };
}

/** Two FNV-1a hashes of 32 bits with different starts, in hexadecimal. */
function digest(...chunks) {
  let a = 0x811c9dc5;
  let b = 0x01234567;
  for (const chunk of chunks) {
    for (const byte of chunk) {
      a = Math.imul(a ^ byte, 0x01000193);
      b = Math.imul(b ^ byte, 0x01000193);
      b ^= b >>> 15;
    }
  }
  return [a, b].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}
