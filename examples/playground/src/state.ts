// What the page knows, and what a person can make it do.
import { computed, signal } from '@preact/signals';
import { Recommender } from 'llminit/serve';
import { Engine, Paused } from './engine.ts';
import type {
  ChosenColumns,
  DataSummary,
  Entrant,
  EpochPoint,
  Finish,
  InputFile,
  Progress,
  VectorSource,
  VectorSummary,
} from './messages.ts';
import { ENTRANTS } from './messages.ts';
import { SAMPLE_COLUMNS, sampleFiles } from './sample.ts';
import { readJob, readSavedFile } from './savedJob.ts';

export const files = signal<readonly InputFile[]>([]);
export const columns = signal<ChosenColumns>({});
/** Whether the data are invented. */
export const invented = signal(false);
export const data = signal<DataSummary | null>(null);
export const vectors = signal<VectorSummary | null>(null);
export const entrants = signal<readonly Entrant[]>(['xavier', 'graph-pca', 'auto']);
export const dim = signal(64);
export const points = signal<readonly EpochPoint[]>([]);
export const finishes = signal<readonly Finish[]>([]);
/** What is being done; null when nothing is. */
export const busy = signal<Progress | null>(null);
export const racing = signal(false);
/** A race that stands still and can go on: in this page, or before it was loaded again. */
export const paused = signal<'here' | 'reload' | null>(null);
export const failure = signal<string | null>(null);
/** The model in use, and where it came from. */
export const recommender = signal<Recommender | null>(null);
export const chosen = signal<Finish | null>(null);
/** The items that a person likes, oldest first. */
export const history = signal<readonly string[]>([]);
/** What recommendations must be, by columns of the catalogue. */
export const where = signal<Readonly<Record<string, string | { readonly lte: number }>>>({});
/** Counts changes of the model in use: items typed in by hand. */
export const changes = signal(0);

export const best = computed(() =>
  finishes.value.reduce<Finish | null>(
    (top, finish) => (top && top.metric >= finish.metric ? top : finish),
    null,
  ),
);

const engine = new Engine({
  onProgress: (progress) => {
    busy.value = progress;
  },
  onEpoch: (point) => {
    points.value = [...points.value, point];
  },
  onFinish: (finish) => {
    finishes.value = [...finishes.value, finish];
    if (chosen.value === null || finish.metric > chosen.value.metric) void choose(finish);
  },
});

/** Runs one thing at a time, and shows what went wrong. */
async function doing(what: string, work: () => Promise<void>): Promise<void> {
  if (busy.value !== null) return;
  busy.value = { what, share: null };
  failure.value = null;
  try {
    await work();
  } catch (error) {
    if (error instanceof Paused) paused.value = 'here';
    else failure.value = error instanceof Error ? error.message : String(error);
  } finally {
    busy.value = null;
  }
}

function forgetRace(): void {
  points.value = [];
  finishes.value = [];
  paused.value = null;
  recommender.value?.close();
  recommender.value = null;
  chosen.value = null;
  history.value = [];
  where.value = {};
}

export function loadSample(): Promise<void> {
  invented.value = true;
  columns.value = SAMPLE_COLUMNS;
  return loadFiles(sampleFiles());
}

export async function dropFiles(dropped: readonly File[]): Promise<void> {
  invented.value = false;
  columns.value = {};
  const read = async (file: File) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
  return loadFiles(await Promise.all(dropped.map(read)));
}

export function chooseColumns(changed: ChosenColumns): Promise<void> {
  columns.value = { ...columns.value, ...changed };
  return loadFiles(files.value);
}

function loadFiles(chosenFiles: readonly InputFile[]): Promise<void> {
  return doing('reading', async () => {
    files.value = chosenFiles;
    data.value = null;
    vectors.value = null;
    forgetRace();
    data.value = await engine.read(chosenFiles, columns.value);
    if (data.value.hasTexts) vectors.value = await engine.vectors({ kind: 'lexical' });
  });
}

export function makeVectors(source: VectorSource): Promise<void> {
  return doing('making vectors', async () => {
    forgetRace();
    vectors.value = await engine.vectors(source);
  });
}

export function race(): Promise<void> {
  const resume = paused.value !== null;
  return doing('training', async () => {
    if (!resume) forgetRace();
    else {
      // What has ended is told again, from what was kept.
      finishes.value = [];
      paused.value = null;
    }
    racing.value = true;
    try {
      const order = ENTRANTS.filter((entrant) => entrants.value.includes(entrant));
      await engine.race(order, dim.value, resume);
    } finally {
      racing.value = false;
    }
  });
}

export function pause(): void {
  engine.pause();
}

/** Gives up a race that stands still. */
export function stop(): void {
  paused.value = null;
}

/** Loads the data of a race that a reload has interrupted; `race` then goes on. */
export function restore(): Promise<void> {
  return doing('reading', async () => {
    const job = await readJob();
    if (job === null) return;
    files.value = await Promise.all(job.fileNames.map(readSavedFile));
    columns.value = job.columns;
    entrants.value = job.entrants;
    dim.value = job.dim;
    data.value = await engine.read(files.value, job.columns);
    if (data.value.hasTexts && job.vectors.kind !== 'file') vectors.value = await engine.vectors(job.vectors);
    paused.value = 'reload';
  });
}

export async function choose(finish: Finish): Promise<void> {
  const opened = await Recommender.open(finish.bytes.slice());
  recommender.value?.close();
  recommender.value = opened;
  chosen.value = finish;
}

export function toggle(id: string): void {
  const had = history.value.includes(id);
  history.value = had ? history.value.filter((other) => other !== id) : [...history.value, id];
}

/** A new item, known from its text at once. */
export function addItem(title: string): void {
  if (recommender.value === null) return;
  failure.value = null;
  try {
    recommender.value.addItems([{ id: `new-${changes.value + 1}`, title, text: title }]);
    changes.value++;
  } catch (error) {
    failure.value = (error as Error).message;
  }
}
