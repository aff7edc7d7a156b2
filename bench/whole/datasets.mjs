// The datasets of the whole way: files beside the project, how they are read, and the split that everyone takes over.
import { createReadStream, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { SCRATCH } from '../library.mjs';

/** The seed of split, initialisation and training. */
export const SEED = 2020;

/** Files `<name>/<name>.inter` and `.item`; `text`: columns of the catalogue that make up the text. */
export const DATASETS = {
  office: { name: 'amazon-office', minRating: 4, kCore: 5, text: ['description'] },
  beauty: { name: 'amazon-beauty-titles', kCore: null, text: ['title'] },
  'ml-100k': { name: 'ml-100k', kCore: 5, text: ['movie_title', 'class'] },
  gowalla: { name: 'gowalla', kCore: null, text: null, large: true },
};

/** A dataset with its files, or null where they are not there. */
export function located(key, data) {
  const dataset = DATASETS[key];
  const stem = `${data}/${dataset.name}/${dataset.name}`;
  const inter = key === 'gowalla' ? `${data}/gowalla/train.txt` : `${stem}.inter`;
  if (!existsSync(inter)) return null;
  const item = dataset.text ? `${stem}.item` : null;
  return { key, ...dataset, inter, item, folder: `${SCRATCH}/whole/${key}` };
}

/** The library as the package holds it: `npm run build` has to have made it. */
export function loadPackage() {
  return import(pathToFileURL('dist/index.js').href);
}

/** Interactions after the rating and the core, as the first lines of every way. */
export async function readDataset(library, { inter, minRating, key }) {
  const format = key === 'gowalla' ? 'lightgcn' : undefined;
  const { interactions } = await library.readInteractions(createReadStream(inter), {
    ...{ name: inter, minRating, format },
  });
  return interactions;
}

/** Texts by item id, of the items that are left. */
export async function readTexts(library, { item, text }, itemIds) {
  const { catalogue } = await library.readCatalogue(createReadStream(item), {
    name: item,
    textColumns: text,
  });
  const wanted = new Set(itemIds);
  const kept = catalogue.ids
    .map((_, n) => n)
    .filter((n) => wanted.has(catalogue.ids[n]) && catalogue.texts[n]);
  return { ids: kept.map((n) => catalogue.ids[n]), texts: kept.map((n) => catalogue.texts[n]) };
}

/** Writes the split and the initial tables for those who cannot make the same: they take them over, untimed. */
export async function prepare(dataset) {
  const library = await loadPackage();
  const { folder } = dataset;
  mkdirSync(folder, { recursive: true });
  const all = await readDataset(library, dataset);
  const core = dataset.kCore ? library.kCore(all, dataset.kCore) : all;
  const split = library.leaveOneOut(core, { order: 'random', seed: SEED });
  let embeddings = null;
  if (dataset.item) {
    const { ids, texts } = await readTexts(library, dataset, core.itemIds);
    ({ embeddings } = await library.lexicalEmbeddings(ids, texts));
    writeFileSync(`${folder}/texts.json`, JSON.stringify(texts));
  }
  const strategy = embeddings ? 'graph-pca' : 'xavier';
  const data = new library.TrainingData(split, embeddings);
  const tables = await data.initialTables({ strategy, seed: SEED });
  const { settings } = await library.train(data, { model: 'lightgcn', seed: SEED, epochs: 1 });
  const { batchSize, patience, minRise, optimizer } = settings.fit;
  const recipe = { batchSize, patience, minRise, learningRate: optimizer.learningRate };
  for (const part of ['train', 'valid']) {
    const { users, items } = split[part];
    write(`${folder}/${part}.i32`, Int32Array.from([...users, ...items]));
  }
  write(`${folder}/tables.f32`, joined(tables.users, tables.items));
  const { numUsers, numItems, length } = split.train;
  const shape = {
    numUsers,
    numItems,
    dim: tables.dim,
    interactions: core.length,
    train: length,
    strategy,
    recipe,
  };
  writeFileSync(`${folder}/shape.json`, JSON.stringify(shape));
  return shape;
}

/** What `prepare` wrote, for ways in JavaScript. */
export function prepared({ folder }) {
  const shape = JSON.parse(readFileSync(`${folder}/shape.json`, 'utf8'));
  const pairs = (part) => {
    const all = array(`${folder}/${part}.i32`, Int32Array);
    return { users: all.subarray(0, all.length / 2), items: all.subarray(all.length / 2) };
  };
  return {
    shape,
    train: pairs('train'),
    valid: pairs('valid'),
    tables: array(`${folder}/tables.f32`, Float32Array),
  };
}

function joined(first, second) {
  const both = new Float32Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function write(path, values) {
  writeFileSync(path, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

function array(path, Type) {
  const { buffer, byteOffset, byteLength } = readFileSync(path);
  return new Type(buffer.slice(byteOffset, byteOffset + byteLength));
}
