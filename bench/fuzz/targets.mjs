// What is fuzzed: every reader and decoder of the package, each with small seed inputs that it accepts.
import { gzipSync } from 'node:zlib';

const utf8 = (text) => new TextEncoder().encode(text);

/** A safetensors file with another header or other data, and a right checksum. */
function withChecksum(bytes, crc32) {
  const opening = '{"__metadata__":{"checksum":"crc32:';
  const at = 8 + opening.length;
  if (bytes.length < at + 8 || new TextDecoder().decode(bytes.subarray(8, at)) !== opening) return bytes;
  const out = bytes.slice().fill(0x30, at, at + 8);
  out.set(utf8(crc32(out).toString(16).padStart(8, '0')), at);
  return out;
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc >>> 0;
}

/**
 * Changes that leave a safetensors file whole: numbers of its tensors, digits and letters of its header, and after
 * each a right checksum, so that what lies behind the checksum is reached.
 */
function mutateWhole(bytes, random) {
  const out = bytes.slice();
  const dataStart = 8 + new DataView(out.buffer).getUint32(0, true);
  for (let left = 1 + random.below(3); left > 0; left--) {
    const word = dataStart + 4 * random.below((out.length - dataStart) >> 2);
    const view = new DataView(out.buffer);
    switch (random.below(5)) {
      case 0:
        out[dataStart + random.below(out.length - dataStart)] ^= 1 << random.below(8);
        break;
      case 1:
        if (word + 4 <= out.length) view.setUint32(word, WORDS[random.below(WORDS.length)], true);
        break;
      case 2:
        if (word + 4 <= out.length)
          view.setInt32(word, view.getInt32(word, true) + random.below(7) - 3, true);
        break;
      default: {
        // Digits for digits and letters for letters: mostly valid JSON with other contents.
        const at = 8 + random.below(dataStart - 8);
        if (out[at] >= 0x30 && out[at] <= 0x39) out[at] = 0x30 + random.below(10);
        else if (out[at] >= 0x61 && out[at] <= 0x7a) out[at] = 0x61 + random.below(26);
      }
    }
  }
  return withChecksum(out, crc32);
}

/** NaN, infinities, the largest and smallest numbers, as f32 and as u32. */
const WORDS = [
  0x7fc00000, 0x7f800000, 0xff800000, 0x7f7fffff, 0xff7fffff, 1, 0, 0xffffffff, 0x7fffffff, 0x80000000,
];

/** @param llminit the package's main entry; @param node its entry for files */
export async function targets(llminit) {
  const { Interactions, leaveOneOut, initialize, fit, modelFrom, encodeModel, encodeCheckpoint } = llminit;
  const rows = Array.from({ length: 60 }, (_, n) => ({
    user: `u${n % 6}`,
    item: `i${(n * 7 + (n % 5)) % 9}`,
  }));
  const split = leaveOneOut(Interactions.from(rows), { order: 'random', seed: 1 });
  const initial = await initialize(split.train, null, { strategy: 'xavier', dim: 4, seed: 1 });
  let checkpoint;
  const onCheckpoint = (state) => {
    checkpoint = encodeCheckpoint(state);
  };
  const { factors } = await fit(split, initial, { epochs: 2, checkpointEvery: 1, onCheckpoint });
  const model = encodeModel(modelFrom(split, factors));
  const vectors = llminit.embeddingsToSafetensors(
    new llminit.Embeddings({
      ids: ['a', 'b', 'c'],
      width: 2,
      vectors: Float32Array.from({ length: 6 }, (_, n) => n / 3),
      source: 'v',
    }),
  );
  const tables = {
    csv: [
      'user,item,rating,timestamp\nu1,i1,5,100\n"u,2",i2,4,"200"\r\nu1,i3,1,\n',
      'item_id,title\ni1,"A ""b"" c"\ni2,d\n',
    ],
    tsv: ['user_id\titem_id\trating\nu1\ti1\t5\nu2\ti2\t3\n'],
    jsonl: [
      '{"user":"u1","item":"i1","rating":5}\n{"user":"u2","item":"i2","timestamp":1.5e9}\n',
      '{"item_id":"i1","title":["a",{"b":1}]}\n',
    ],
    recbole: [
      'user_id:token\titem_id:token\trating:float\nu1\ti1\t5.0\nu2\ti2\t1\n',
      'item_id:token\ttitle:token_seq\ni1\ta b\n',
    ],
    lightgcn: ['0 1 2 3\n1 2 4\n2 0\n'],
    python: ["{u'user': u'u1', 'item': 'i1', 'rating': 5L}\n{'user': 'u2', 'item': 'i2', 'rating': None}\n"],
    json: [
      '[{"user":"u1","item":"i1","tags":["]"]},{"user":"u2","item":"i2"}]',
      '{"columns":["user","item"],"data":[["u1","i1"],["u2","i2"]]}',
    ],
    netflix: ['1:\n7,3,2005-09-06\n8,5,2005-05-13\n2:\n7,4,2005-10-19\n'],
  };
  const readers = Object.entries(tables).flatMap(([format, seeds]) =>
    ['error', 'skip'].flatMap((onBadLine) => {
      const options = { name: 'x', format, onBadLine };
      const interactions = {
        name: `readInteractions ${format} ${onBadLine}`,
        seeds: seeds.map(utf8),
        run: (bytes) => llminit.readInteractions(bytes, options),
      };
      if (format === 'lightgcn') return [interactions];
      const run = (bytes) => llminit.readCatalogue(bytes, options);
      return [interactions, { name: `readCatalogue ${format} ${onBadLine}`, seeds: seeds.map(utf8), run }];
    }),
  );
  const header = `${"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }".padEnd(117)}\n`;
  const array = new Uint8Array(10 + header.length + 24);
  array.set([0x93, ...utf8('NUMPY'), 1, 0, header.length & 255, header.length >> 8, ...utf8(header)]);
  return [
    ...readers,
    {
      name: 'readInteractions sniffed',
      seeds: [
        ...Object.values(tables).flat().map(utf8),
        gzipSync(utf8(tables.csv[0])),
        utf8('sep=;\r\nuser;item;rating;date\r\nu1;i1;4,5;31.12.2014\r\n u2;i2;1,0;01.02.2015 10:00\r\n'),
        utf8('7::40::2::1302884623\n43::25::5::1318427937\n'),
        utf8('# user item\n1 2 3\n1 5 3\n'),
      ],
      run: (bytes) => llminit.readInteractions(bytes, { name: 'x.csv' }),
    },
    {
      name: 'parsePythonLiteral',
      seeds: [utf8("{'a': [1, 'b', None, True], u'c': (1.5, \"d\")}")],
      run: async (bytes) => llminit.parsePythonLiteral(new TextDecoder().decode(bytes), 'x:1'),
    },
    {
      name: 'embeddingsFromNpy',
      seeds: [array],
      run: async (bytes) => llminit.embeddingsFromNpy(bytes, 'a\nb\nc\n', { vectors: 'v.npy', ids: 'v.txt' }),
    },
    {
      name: 'embeddingsFromSafetensors',
      seeds: [vectors],
      mutate: mutateWhole,
      run: async (bytes) => llminit.embeddingsFromSafetensors(bytes, 'v'),
    },
    {
      name: 'decodeCheckpoint',
      seeds: [checkpoint],
      mutate: mutateWhole,
      run: async (bytes) => fit(split, initial, { epochs: 2, resume: llminit.decodeCheckpoint(bytes, 'c') }),
    },
    { name: 'Recommender.open', seeds: [model], mutate: mutateWhole, run: (bytes) => opened(llminit, bytes) },
    ...(await livingTargets(llminit, rows)),
  ];
}

/** Model files of every kind of scorer with texts and columns, and what is asked of and done to an open one. */
async function livingTargets(llminit, rows) {
  const { Catalogue, Interactions, Recommender, train, quantizeModel, encodeModel } = llminit;
  const ids = [...new Set(rows.map(({ item }) => item))];
  const catalogue = Catalogue.from(
    ids.map((id, n) => ({ id, title: `${WORDS_OF_TITLES[n % 4]} ${WORDS_OF_TITLES[(n + 1) % 4]} ${id}` })),
    { idColumn: 'id', textColumns: ['title'], titleColumn: 'title' },
  );
  const attributes = new Map(
    ids.map((id, n) => [
      id,
      { price: n * 1.5, category: n % 2 ? 'Books' : 'Games', tags: n % 3 ? ['new'] : [] },
    ]),
  );
  const interactions = Interactions.from(rows);
  const models = [];
  for (const settings of [{ model: 'lightgcn', init: 'xavier', dim: 4, epochs: 1 }, { model: 'ease' }, {}]) {
    const trained = await train({ interactions, catalogue }, { seed: 1, ...settings });
    models.push(trained.model({ attributes }));
  }
  const [factors] = models;
  const small = [
    await quantizeModel(factors, { to: 'f16' }),
    await quantizeModel(factors, { to: 'int8' }),
    await quantizeModel(factors, { to: 'int8', rescore: 'f16', users: false }),
  ];
  const files = [...models, ...small].map((model) => encodeModel(model));
  const asked = await Recommender.open(files[0], 'm');
  const changes = [
    { op: 'addItems', items: [{ id: 'new', title: 'Rye', text: 'rye bread', attributes: { price: 2 } }] },
    { op: 'updateItems', items: [{ id: ids[0], title: 'Oven', attributes: { tags: ['new'] } }] },
    { op: 'removeItems', ids: [ids[1]] },
    { op: 'hideItems', ids: [ids[2]], hidden: true },
    { op: 'addInteractions', rows: [{ user: 'u1', item: ids[3] }] },
    { op: 'removeUser', user: 'u2' },
  ];
  return [
    { name: 'model files', seeds: files, mutate: mutateWhole, run: (bytes) => opened(llminit, bytes) },
    {
      name: 'where texts',
      seeds: ['category = "Books" and price < 3', 'not (tags has "new" or price >= 2)'].map(utf8),
      run: async (bytes) => asked.recommendFor([ids[0]], { where: new TextDecoder().decode(bytes) }),
    },
    {
      name: 'changes',
      seeds: changes.map((change) => utf8(JSON.stringify(change))),
      run: async (bytes) => {
        const change = parsedJson(bytes);
        if (change === undefined) return;
        const recommender = await Recommender.open(files[0], 'm');
        try {
          recommender.apply(change);
          await opened(llminit, recommender.encode());
        } finally {
          recommender.close();
        }
      },
    },
  ];
}

const WORDS_OF_TITLES = ['rye', 'bread', 'oven', 'camp'];

/** The value of a JSON text; undefined where it is none. */
function parsedJson(bytes) {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

/** Opens a model file and asks it everything once. */
async function opened({ Recommender }, bytes) {
  const recommender = await Recommender.open(bytes, 'm');
  try {
    const { userIds, itemIds } = recommender.model;
    const lists = [recommender.recommendFor([itemIds[0]])];
    if (userIds.length > 0) lists.push(recommender.recommend(userIds[0]));
    lists.push(recommender.similarItems(itemIds[0]), recommender.popularItems());
    if (lists.some((list) => list.some(({ score }) => Number.isNaN(score))))
      throw new Error('a NaN was ranked');
    recommender.encode();
  } finally {
    recommender.close();
  }
}
