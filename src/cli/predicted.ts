import { existsSync, statSync } from 'node:fs';
import { BudgetError } from '../index.ts';
import { type Forecast, PROCESS_BYTES } from '../recipe/forecast.ts';

/** Bytes of memory while a byte of a file is read, by what the file's name ends in; plain text where nothing fits. */
const READING: readonly (readonly [ending: RegExp, memory: number])[] = [
  [/\.(gz|zip|bz2|xz|zst|br)$/i, 10],
  [/\.parquet$/i, 8],
  [/./, 2.6],
];
/** Bytes of text that one core reads in a second, measured. */
const READ_PER_SECOND = 30e6;
/** Seconds until the program reads. */
const START_SECONDS = 0.4;
/** Times shorter than this are not told. */
const LEAST_SECONDS = 10;

/** What reading files is expected to take; files that are no files, such as standard input, count nothing. */
function predictedReading(paths: readonly string[]): { seconds: number; bytes: number } {
  let [bytes, seconds] = [PROCESS_BYTES, START_SECONDS];
  for (const path of paths) {
    if (!existsSync(path) || !statSync(path).isFile()) continue;
    const { size } = statSync(path);
    const [, factor] = READING.find(([ending]) => ending.test(path))!;
    bytes += size * factor;
    seconds += (size * factor) / READING[READING.length - 1][1] / READ_PER_SECOND;
  }
  return { seconds, bytes };
}

/** What reading by DuckDB takes beside DuckDB's own memory, as a share of what our readers take: ids, and what is kept. */
const BESIDE_DUCKDB = 0.45;
/** MB that DuckDB has by default, and those with which it does. */
const [USUAL_ENGINE_MB, LEAST_ENGINE_MB] = [512, 80];

/**
 * @param engine DuckDB, where it reads
 * @throws {BudgetError} where reading is expected to take more memory than the process may
 */
export function checkReading(
  paths: readonly string[],
  most: number | undefined,
  engine?: { readonly memoryMb?: number },
): void {
  if (most === undefined) return;
  const usual = predictedReading(paths).bytes;
  const beside = PROCESS_BYTES + BESIDE_DUCKDB * (usual - PROCESS_BYTES);
  const byEngine = (megabytes: number) => beside + megabytes * 2 ** 20;
  const bytes = engine ? byEngine(engine.memoryMb ?? USUAL_ENGINE_MB) : usual;
  if (bytes <= most) return;
  const problem = `expected at most ${inWords(most)} of memory for the process, reading takes about ${inWords(bytes)}`;
  const fitting = Math.min(USUAL_ENGINE_MB, Math.floor((most - beside) / 2 ** 20));
  const isNew = fitting < (engine ? (engine.memoryMb ?? USUAL_ENGINE_MB) : Number.POSITIVE_INFINITY);
  const how = `${engine ? '' : '--engine duckdb '}--engine-memory ${fitting}`;
  const remedy =
    fitting >= LEAST_ENGINE_MB && isNew
      ? `With ${how} it takes about ${inWords(byEngine(fitting))}, the rest on the disk; or raise the limit to ${inWords(bytes)}`
      : `Make a smaller file first (llminit prepare --k-core 5), read a part of it, or raise the limit to ${inWords(bytes)}`;
  // Parts of a split that are not named have no path.
  throw new BudgetError(paths.filter(Boolean).join(', '), problem, remedy, 'maxProcessBytes');
}

/** Columns of vectors by default: of lexical ones, and of most encoders. */
export const LEXICAL_DIM = 256;
const ENCODER_DIM = 768;
/** Time of making vectors of texts: until code is quick, and texts a second from then on. */
const [TEXT_START_SECONDS, TEXTS_PER_SECOND] = [0.5, 20_000];
/** Copies of vectors and texts while the ones are made of the others. */
const [VECTOR_COPIES, TEXT_COPIES] = [5, 4];

/** Memory of the process while vectors are made. @param columns null where they are those of an encoder, or of a file */
export function vectorBytes(items: number, textBytes: number, columns: number | null): number {
  return PROCESS_BYTES + TEXT_COPIES * textBytes + VECTOR_COPIES * 4 * (columns ?? ENCODER_DIM) * items;
}

/** Seconds of one core until the lexical vectors of so many texts are made. */
export function vectorSeconds(texts: number): number {
  return TEXT_START_SECONDS + texts / TEXTS_PER_SECOND;
}

/**
 * @param items that get a vector
 * @param lexicalDim columns of lexical vectors; null for those of an encoder or of a file
 * @throws {BudgetError} where the vectors are expected to take more memory than the process may
 */
export function checkVectorMemory(
  items: number,
  catalogue: string | undefined,
  lexicalDim: number | null,
  most: number | undefined,
): void {
  if (most === undefined) return;
  const texts = catalogue !== undefined && existsSync(catalogue) ? statSync(catalogue).size : 0;
  const bytesOf = (columns: number | null) => vectorBytes(items, texts, columns);
  const bytes = bytesOf(lexicalDim);
  if (bytes <= most) return;
  const problem = `expected at most ${inWords(most)} of memory for the process, vectors of ${items} items take about ${inWords(bytes)}`;
  const fewer = [128, 64, 32].find((columns) => bytesOf(columns) <= most && columns < (lexicalDim ?? 0));
  const raise = `raise the limit to ${inWords(bytes)}`;
  const remedy =
    fewer === undefined
      ? `Train without texts (--init xavier), or ${raise}`
      : `With --lexical-dim ${fewer} they take about ${inWords(bytesOf(fewer))}; or ${raise}`;
  throw new BudgetError('vectors', problem, remedy, 'maxProcessBytes');
}

/**
 * A forecast with what was done before it.
 * @param texts of which vectors were made
 */
export function withReading(forecast: Forecast, paths: readonly string[], texts: number): Forecast {
  const once = { units: 1, skipped: null };
  const { seconds, bytes } = predictedReading(paths);
  const before = [{ ...once, stage: 'reading', seconds, unitSeconds: seconds, bytes }];
  if (texts > 0) {
    const spent = vectorSeconds(texts);
    const taken = vectorBytes(texts, 0, LEXICAL_DIM);
    before.push({ ...once, stage: 'vectors', seconds: spent, unitSeconds: spent, bytes: taken });
  }
  return {
    ...forecast,
    stages: [...before, ...forecast.stages],
    seconds: before.reduce((sum, stage) => sum + stage.seconds, forecast.seconds),
    bytes: before.reduce((most, stage) => Math.max(most, stage.bytes), forecast.bytes),
  };
}

/** What a training is expected to take, in one line, and in another one what a better batch would change. */
export function forecastLines({ stages, seconds, bytes, batch }: Forecast): string[] {
  const shares = stages.flatMap(({ stage, units, unitSeconds, skipped, ...whole }) => {
    if (skipped !== null || whole.seconds < LEAST_SECONDS) return [];
    const each = units > 1 ? ` (${units} × ${duration(unitSeconds)})` : '';
    return [`${stage} ${duration(whole.seconds)}${each}`];
  });
  const parts = shares.length > 0 ? `: ${shares.join(', ')}` : '';
  const lines = [`expected at most: ${inWords(bytes)} of memory, ${duration(seconds)} of one core${parts}`];
  if (batch) {
    const { unitSeconds } = stages.find(({ units }) => units > 1) ?? stages[0];
    lines.push(
      `an epoch takes about ${duration(unitSeconds)}; with --batch ${batch.size} about ${duration(batch.unitSeconds)}`,
    );
  }
  return lines;
}

/** A forecast as JSON, seconds and bytes in whole numbers where they are large. */
export function forecastJson({ stages, seconds, bytes, batch }: Forecast) {
  const rounded = (value: number) => Number(value.toPrecision(3));
  return {
    seconds: rounded(seconds),
    bytes: Math.round(bytes),
    stages: stages.map((stage) => ({
      ...stage,
      seconds: rounded(stage.seconds),
      unitSeconds: rounded(stage.unitSeconds),
      bytes: Math.round(stage.bytes),
    })),
    batch: batch && { ...batch, unitSeconds: rounded(batch.unitSeconds) },
  };
}

/** `40 s`, `12 min`, `35 h`. */
export function duration(seconds: number): string {
  if (seconds < 1) return 'less than 1 s';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

/** Memory as errors tell it. */
export function inWords(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MB`;
}
