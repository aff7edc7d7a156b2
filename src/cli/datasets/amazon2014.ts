import { join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import {
  DataError,
  FormatError,
  type Interactions,
  kCore,
  OptionError,
  type PythonValue,
  parsePythonLiteral,
  readInteractions,
} from '../../index.ts';
import { openSource } from '../../node.ts';
import { atOnce } from '../interrupt.ts';
import { type DownloadOptions, download } from './download.ts';

/** Where the 2014 Amazon data are kept (McAuley et al., SIGIR 2015; He & McAuley, WWW 2016). */
export const OFFICIAL_URL = 'https://snap.stanford.edu/data/amazon/productGraph/categoryFiles';

/** The categories, as their files are named. */
export const CATEGORIES: readonly string[] = [
  'Books',
  'Electronics',
  'Movies_and_TV',
  'CDs_and_Vinyl',
  'Clothing_Shoes_and_Jewelry',
  'Home_and_Kitchen',
  'Kindle_Store',
  'Sports_and_Outdoors',
  'Cell_Phones_and_Accessories',
  'Health_and_Personal_Care',
  'Toys_and_Games',
  'Video_Games',
  'Tools_and_Home_Improvement',
  'Beauty',
  'Apps_for_Android',
  'Office_Products',
  'Pet_Supplies',
  'Automotive',
  'Grocery_and_Gourmet_Food',
  'Patio_Lawn_and_Garden',
  'Baby',
  'Digital_Music',
  'Musical_Instruments',
  'Amazon_Instant_Video',
];

/** The two files of a category, on disk. */
export interface CategoryFiles {
  readonly ratings: string;
  readonly metadata: string;
}

/** @throws {OptionError} for an unknown category; as `download` */
export async function downloadCategory(
  category: string,
  folder: string,
  baseUrl: string,
  options: DownloadOptions,
): Promise<CategoryFiles> {
  checkCategory(category);
  const files = { ratings: `ratings_${category}.csv`, metadata: `meta_${category}.json.gz` };
  const base = baseUrl.replace(/\/+$/, '');
  for (const name of Object.values(files)) await download(`${base}/${name}`, join(folder, name), options);
  return { ratings: join(folder, files.ratings), metadata: join(folder, files.metadata) };
}

/** @throws {OptionError} naming the categories */
export function checkCategory(category: string): void {
  if (CATEGORIES.includes(category)) return;
  const problem = `expected one of ${CATEGORIES.join(', ')}, received ${category}`;
  throw new OptionError('dataset', problem, 'Name one of them');
}

/** What is left after a step. */
interface Stage {
  readonly after: string;
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
}

/** What a category holds after filtering, as RecBole atomic files. */
export interface Amazon2014 {
  /** user_id, item_id, rating, timestamp */
  readonly inter: string;
  /** item_id, title, brand, categories, description */
  readonly item: string;
  /** Counts after each step. */
  readonly stages: readonly Stage[];
  readonly itemsWithoutText: number;
}

/**
 * Reads a category, leaves out ratings below `minRating` and items without a text, and keeps the k-core.
 * @throws {FormatError} when a file is damaged or of another form
 * @throws {DataError} when nothing is left
 */
export async function readCategory(
  { ratings, metadata }: CategoryFiles,
  { minRating, core, signal }: { minRating: number | undefined; core: number; signal: AbortSignal },
): Promise<Amazon2014> {
  const options = { name: ratings, format: 'csv', minRating, signal } as const;
  const { interactions } = await readInteractions(withHeader(openSource(ratings)), options);
  const stages = [stage(minRating === undefined ? 'reading' : `rating ≥ ${minRating}`, interactions)];
  const texts = await readMetadata(metadata, new Set(interactions.itemIds), signal);
  return atOnce(() => described(interactions, texts, stages, { metadata, core }));
}

/** The interactions with items that have a text, and these. @throws {DataError} when nothing is left */
function described(
  interactions: Interactions,
  texts: ReadonlyMap<string, ItemText>,
  stages: readonly Stage[],
  { metadata, core }: { readonly metadata: string; readonly core: number },
): Amazon2014 {
  const { items, itemIds, users } = interactions;
  const kept = Array.from(users.keys()).filter((n) => texts.has(itemIds[items[n]]));
  if (kept.length === 0) {
    const problem = `expected texts of the ${itemIds.length} rated items, received none of them`;
    throw new DataError(metadata, problem, 'Check that both files are of one category');
  }
  const whole = compact(interactions.subset(kept));
  const left = core > 0 ? kCore(whole, core) : whole;
  return {
    inter: interText(left),
    item: itemText(left.itemIds, texts),
    stages: [
      ...stages,
      stage('items with a text', whole),
      ...(core > 0 ? [stage(`${core}-core`, left)] : []),
    ],
    itemsWithoutText: itemIds.length - whole.numItems,
  };
}

/** The ratings have no header. */
async function* withHeader(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode('user_id,item_id,rating,timestamp\n');
  yield* source;
}

interface ItemText {
  readonly title: string;
  readonly brand: string;
  readonly categories: string;
  readonly description: string;
}

/** Texts of the wanted items that have one. */
async function readMetadata(
  path: string,
  wanted: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Map<string, ItemText>> {
  const texts = new Map<string, ItemText>();
  let line = 0;
  for await (const text of linesOf(path)) {
    line++;
    if (line % 1000 === 0) signal.throwIfAborted();
    if (text.trim() === '') continue;
    const value = parsePythonLiteral(text, `${path}:${line}`);
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
      throw new FormatError(
        `${path}:${line}`,
        'expected a dict, received another value',
        'Download the file again',
      );
    }
    const entry = value as { readonly [key: string]: PythonValue };
    const { asin } = entry;
    if (typeof asin !== 'string' || !wanted.has(asin)) continue;
    const found = {
      title: plain(entry.title),
      brand: plain(entry.brand),
      categories: plain(entry.categories),
      description: plain(entry.description),
    };
    if (Object.values(found).some((part) => part !== '')) texts.set(asin, found);
  }
  return texts;
}

/** Lines of a gzip file, decompressed as they are read. @throws {FormatError} when it is damaged or cut off */
async function* linesOf(path: string): AsyncGenerator<string> {
  const unzipped = createGunzip();
  // A failure of the source ends the pipe with that error, which the loop below throws.
  pipeline(Readable.from(openSource(path)), unzipped, () => {});
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const chunk of unzipped) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop()!;
      yield* lines;
    }
  } catch (error) {
    if (error instanceof FormatError || error instanceof DataError) throw error;
    const problem = `expected an intact gzip file, received: ${(error as Error).message}`;
    throw new FormatError(path, problem, 'Delete it and run the same command again');
  }
  if (rest !== '') yield rest;
}

/** Words of a value in one line, without markup that would break a tab-separated file. */
function plain(value: PythonValue | undefined): string {
  if (value === null || value === undefined || typeof value === 'boolean') return '';
  if (Array.isArray(value)) return [...new Set(value.map(plain))].filter((part) => part !== '').join(' ');
  if (typeof value === 'object') return Object.values(value).map(plain).join(' ');
  return String(value).replace(/\s+/g, ' ').trim();
}

function interText({ users, items, userIds, itemIds, ratings, timestamps }: Interactions): string {
  const head = 'user_id:token\titem_id:token\trating:float\ttimestamp:float';
  const rows = Array.from(
    users,
    (user, n) => `${userIds[user]}\t${itemIds[items[n]]}\t${ratings?.[n] ?? ''}\t${timestamps?.[n] ?? ''}`,
  );
  return `${[head, ...rows].join('\n')}\n`;
}

function itemText(itemIds: readonly string[], texts: ReadonlyMap<string, ItemText>): string {
  const head = 'item_id:token\ttitle:token_seq\tbrand:token\tcategories:token_seq\tdescription:token_seq';
  const rows = itemIds.map((id) => {
    const { title, brand, categories, description } = texts.get(id)!;
    return [id, title, brand, categories, description].join('\t');
  });
  return `${[head, ...rows].join('\n')}\n`;
}

/** Without the ids that no interaction has. */
function compact(interactions: Interactions): Interactions {
  return kCore(interactions, 0);
}

function stage(after: string, { numUsers: users, numItems: items, length }: Interactions): Stage {
  return { after, users, items, interactions: length };
}
