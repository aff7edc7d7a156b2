/*
 * What the plan of a larger scale counts with. Seconds are those of one core; measured ones name their command, on the
 * machine of bench/RESULTS.md.
 */

/** Rows a second that are read, filtered and split, and bytes of memory a row: `node bench/engines.mjs duckdb`. */
export const READING = { seconds: 1.5e-6, bytes: 80 };
/** Likewise where DuckDB holds the rows, with the bytes on the disk that a row takes meanwhile. */
export const DUCKDB = { seconds: 2.8e-6, diskBytes: 60 };
/** Bytes of memory that DuckDB takes before it spills, unless told otherwise. */
export const DUCKDB_MEMORY = 512 * 2 ** 20;
/** Bytes of an id in a table of ids: `idBytes` with ids of ten characters. */
export const ID_BYTES = 66;
/** Bytes of an interaction that training keeps: user, item, rating, time. */
export const INTERACTION_BYTES = 20;
/** Bytes of a text in a catalogue with its vector's copies apart: `node bench/texts.mjs`. */
export const TEXT_BYTES = 2_500;
/** What a job for a part of the items does again: two rounds of clusters and their start, of these and 16 comparisons. */
export const REPEATED_SHARE = 3 / 19;
/** Tables of a process that trains with PyTorch: E, its gradient, two moments of Adam, the layers and a shard of another. */
export const TORCH_TABLES = 9;
/** Bytes of an interaction there, in both directions of the graph. */
export const TORCH_EDGE_BYTES = 24;
/** Layers of LightGCN by default. */
export const LAYERS = 2;
/** Bytes of a row in PostgreSQL beside its vector: header, id, alignment; and of its place in an HNSW index (m = 16). */
export const POSTGRES = { rowBytes: 64, indexBytes: 330 };
/** Bytes of a row of a model in 8 bits beside its numbers: scale, bound, id. */
export const MODEL_ROW_BYTES = 32;
/** Linear memory of WebAssembly, which a training's tables and a model that serves must fit. */
export const WASM_BYTES = 2 ** 32;
