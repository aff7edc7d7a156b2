import { findClosedModel } from '../../models/closed/index.ts';
import { log2 } from '../../runtime/log2.ts';
import { fitBytes } from '../../train/fit.ts';
import { resolveFitOptions } from '../../train/fitOptions.ts';
import { secondsOf } from '../budget.ts';
import { closedForm } from '../candidates/closedForm.ts';
import { graphModel } from '../candidates/graphModel.ts';
import { forecast, PROCESS_BYTES } from '../forecast.ts';
import type { TrainingSize } from '../size.ts';
import {
  DUCKDB,
  DUCKDB_MEMORY,
  ID_BYTES,
  INTERACTION_BYTES,
  LAYERS,
  MODEL_ROW_BYTES,
  POSTGRES,
  READING,
  REPEATED_SHARE,
  TEXT_BYTES,
  TORCH_EDGE_BYTES,
  TORCH_TABLES,
  WASM_BYTES,
} from './rates.ts';

/** How large the data are, and how they are trained. */
export interface Scale {
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
  readonly dim: number;
  /** columns of the text vectors; null without texts */
  readonly textWidth: number | null;
  /** interactions per update; null: those with which an epoch takes least */
  readonly batch: number | null;
}

/** The machines there are. */
export interface Machines {
  readonly count: number;
  /** bytes of memory of each */
  readonly memory: number;
  /** bytes a second between two of them */
  readonly network: number;
  /** texts that one core embeds in a second */
  readonly textsPerSecond: number;
}

/** What one way through a stage takes. */
export interface Need {
  /** bytes of memory of the process that takes most */
  readonly memory: number;
  /** seconds of one core, on each machine */
  readonly seconds: number;
  /** bytes that a machine receives */
  readonly traffic: number;
  /** what must not exceed the linear memory of WebAssembly; 0 where nothing lies there */
  readonly linear: number;
  readonly note: string;
}

/** One stage, the embedded way and the engine's. */
export interface Stage {
  readonly name: string;
  readonly engine: string;
  here(scale: Scale): Need;
  there(scale: Scale, machines: Machines): Need;
}

const nothing = { traffic: 0, linear: 0, note: '' };
const ids = ({ users, items }: Scale) => ID_BYTES * (users + items);

const data: Stage = {
  name: 'data',
  engine: 'DuckDB',
  here: (scale) => ({
    ...nothing,
    memory: PROCESS_BYTES + ids(scale) + READING.bytes * scale.interactions,
    seconds: READING.seconds * scale.interactions,
  }),
  there: (scale) => ({
    ...nothing,
    memory: PROCESS_BYTES + 2 * ids(scale) + DUCKDB_MEMORY,
    seconds: DUCKDB.seconds * scale.interactions,
    note: `spills up to ${gigabytes(DUCKDB.diskBytes * scale.interactions)} to the disk`,
  }),
};

const embedding: Stage = {
  name: 'embedding',
  engine: 'BullMQ',
  here: (scale) => embedded(scale, { count: 1, memory: 0, network: 1, textsPerSecond: 1 }),
  there: (scale, machines) => embedded(scale, machines),
};

function embedded({ items, textWidth }: Scale, { count, textsPerSecond }: Machines): Need {
  const vectors = 4 * (textWidth ?? 0) * items;
  return {
    ...nothing,
    // The whole file is made, or joined, in memory.
    memory: PROCESS_BYTES + TEXT_BYTES * Math.ceil(items / count) + 2 * vectors,
    seconds: items / count / textsPerSecond,
    traffic: count > 1 ? vectors : 0,
  };
}

const training: Stage = {
  name: 'training, an epoch',
  engine: 'PyTorch',
  here(scale) {
    const size = sizeOf(scale);
    const options = trainingOptions(scale);
    const entry = graphModel('lightgcn', 'xavier');
    const resolved = resolveFitOptions({ model: 'lightgcn', batchSize: options.batchSize });
    return {
      ...nothing,
      memory: PROCESS_BYTES + size.dataBytes + entry.bytes(size, options, 1).working,
      seconds: secondsOf({ ...entry.cost(size, options), fixed: 0 }, 1),
      linear: fitBytes(size.graph, scale.dim, resolved, { validates: true, threads: 1 }),
      note: `--batch ${options.batchSize}`,
    };
  },
  there(scale, { count }) {
    const { users, items, interactions, dim } = scale;
    const { batchSize } = trainingOptions(scale);
    const alone = this.here(scale);
    const steps = Math.ceil(interactions / batchSize);
    const table = 4 * dim * (users + items);
    const received = 2 * LAYERS * table * ((count - 1) / count) + 4 * 3 * batchSize * 2 * dim;
    return {
      ...nothing,
      memory:
        PROCESS_BYTES + (TORCH_TABLES * table + TORCH_EDGE_BYTES * interactions) / count + ids(scale) / count,
      seconds: alone.seconds / count,
      traffic: count > 1 ? steps * received : 0,
      note: `${steps} steps, ${gigabytes(count > 1 ? received : 0)} received in each`,
    };
  },
};

const closed: Stage = {
  name: 'closed form, a setting',
  engine: 'jobs in BullMQ',
  here(scale) {
    const size = { ...sizeOf(scale), valid: 0 };
    const entry = closedForm('l3ae', findClosedModel('l3ae')!);
    return {
      ...nothing,
      memory: PROCESS_BYTES + size.dataBytes + entry.bytes(size, {}, 1).working,
      seconds: secondsOf(entry.cost(size, {}), 1),
      // Interactions by user and by item, and the tables of the texts.
      linear: 16 * scale.interactions + 4 * (scale.textWidth ?? 0) * 2 * scale.items,
    };
  },
  there(scale, { count }) {
    const alone = this.here(scale);
    const repeated = scale.textWidth === null ? 0 : REPEATED_SHARE;
    return {
      ...alone,
      seconds: alone.seconds * (repeated + (1 - repeated) / count),
      traffic: count > 1 ? 8 * 50 * scale.items : 0,
      note: 'each job holds all interactions: it saves time, not memory',
    };
  },
};

const serving: Stage = {
  name: 'serving, a request',
  engine: 'PostgreSQL, pgvector',
  here({ users, items, dim }) {
    const model = (dim + MODEL_ROW_BYTES) * (users + items);
    const ranking = graphModel('lightgcn', 'xavier').ranking;
    const { graph, ...size } = sizeOf({ users, items, interactions: users, dim, textWidth: null, batch: 1 });
    const unit = ranking({ graph, ...size }, { dim });
    return {
      ...nothing,
      memory: PROCESS_BYTES + model,
      seconds: secondsOf({ fixed: 0, unit, units: 1 }, 1),
      linear: model,
      note: 'a model in 8 bits',
    };
  },
  there({ users, items, dim }) {
    const rows = (2 * dim + POSTGRES.rowBytes) * (users + items);
    return {
      ...nothing,
      memory: rows + (2 * dim + POSTGRES.indexBytes) * items,
      // Some hundred rows of the index are compared.
      seconds: secondsOf({ fixed: 0, unit: 400 * dim * 100, units: 1 }, 1),
      note: 'halfvec and HNSW; memory is what should be cached, the disk holds it',
    };
  },
};

/** All stages, in their order; without texts those that read them are left out. */
export function stagesOf({ textWidth }: Scale): readonly Stage[] {
  return [data, ...(textWidth === null ? [] : [embedding]), training, closed, serving];
}

/** Whether a way fits a machine. */
export function fits({ memory, linear }: Need, most: number): boolean {
  return memory <= most && linear <= WASM_BYTES;
}

/** Options of LightGCN at this scale: the batch that is given, or with which an epoch takes least. */
function trainingOptions(scale: Scale): { dim: number; batchSize: number } {
  const { dim, batch, interactions } = scale;
  if (batch !== null) return { dim, batchSize: Math.min(batch, interactions) };
  const usual = resolveFitOptions({ model: 'lightgcn' }).batchSize;
  const entry = graphModel('lightgcn', 'xavier');
  const run = { budget: null, threads: 1 };
  const better = forecast([entry], { ...sizeOf(scale), test: 0 }, { dim, batchSize: usual }, run).batch;
  return { dim, batchSize: Math.min(better?.size ?? usual, interactions) };
}

/** What a training of this scale depends on, without the data. */
function sizeOf(scale: Scale): TrainingSize {
  const { users, items, interactions, textWidth } = scale;
  return {
    graph: {
      numUsers: users,
      numItems: items,
      numNodes: users + items,
      numEdges: interactions,
      // As popular as the first of Zipf's law.
      maxDegree: Math.min(users, Math.ceil(interactions / log2(items + 2))),
      userDegrees: new Int32Array(0),
    },
    valid: Math.min(users, 10_000),
    test: 0,
    width: textWidth,
    dataBytes: ids(scale) + INTERACTION_BYTES * interactions + 4 * (textWidth ?? 0) * items,
  };
}

function gigabytes(bytes: number): string {
  return `${Number((bytes / 1e9).toPrecision(2))} GB`;
}
