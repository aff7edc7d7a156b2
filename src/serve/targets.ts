/**
 * Where a model can be served.
 *
 * @example
 * console.log(SERVING_TARGETS);
 */
export const SERVING_TARGETS = [
  'cloudflare-free',
  'cloudflare',
  'vercel-edge',
  'deno-deploy',
  'browser',
] as const;

/**
 * A platform, with the limits of one of its plans.
 *
 * @example
 * const target: ServingTarget = 'cloudflare-free';
 * const plan = planServing(model, target);
 */
export type ServingTarget = (typeof SERVING_TARGETS)[number];

/** Where the model lies, and what that place allows. */
export interface PlaceLimits {
  readonly place: string;
  /** Of the model file. */
  readonly fileBytes?: number;
  /** Of the model file and the package together, gzipped. */
  readonly gzippedBytes?: number;
  /** Whether the model is opened while the program starts, or by its first request. */
  readonly opens: 'start' | 'request';
  /** Processor time of the start; without it only of requests. */
  readonly startMs?: number;
  /** Processor time of a request. */
  readonly requestMs?: number;
}

/** What a platform allows. */
export interface TargetLimits {
  /** Of everything together. */
  readonly memoryBytes: number;
  readonly places: readonly PlaceLimits[];
  /** Where the platform publishes them. */
  readonly source: string;
}

const MIB = 2 ** 20;

/** https://developers.cloudflare.com/workers/platform/limits/: processor time of the global scope. */
const CLOUDFLARE_START_MS = 1000;
/** https://developers.cloudflare.com/kv/platform/limits/: the size of a value. */
const KV_BYTES = 25 * MIB;

/**
 * "Worker size: 64 MiB" on all plans, uncompressed, by the page of the autumn of 2026; until then it was 3 MB (free) and 10 MB
 * (paid) gzipped. See also https://github.com/cloudflare/cloudflare-docs/pull/31002.
 */
const WORKER_BYTES = 64 * MIB;

function cloudflare(requestMs: number): TargetLimits {
  return {
    memoryBytes: 128 * MIB,
    places: [
      {
        place: 'in the Worker',
        fileBytes: WORKER_BYTES,
        opens: 'start',
        startMs: CLOUDFLARE_START_MS,
        requestMs,
      },
      { place: 'in KV', fileBytes: KV_BYTES, opens: 'request', requestMs },
      { place: 'in R2', opens: 'request', requestMs },
    ],
    source: 'https://developers.cloudflare.com/workers/platform/limits/',
  };
}

/** What the platforms published in November 2026. */
export const TARGET_LIMITS: Readonly<Record<ServingTarget, TargetLimits>> = {
  // "CPU time: 10 ms" on the free plan, on the paid one 30 s where wrangler's configuration has no other; 128 MB.
  'cloudflare-free': cloudflare(10),
  cloudflare: cloudflare(30_000),
  // Of the code 1 MB gzipped on the smallest plan (2 and 4 on others); 128 MB; a response must begin within 25 s, which
  // is no limit of processor time but bounds it.
  'vercel-edge': {
    memoryBytes: 128 * MIB,
    places: [
      { place: 'in the function', gzippedBytes: 1e6, opens: 'request', requestMs: 25_000 },
      { place: 'among the public files', opens: 'request', requestMs: 25_000 },
    ],
    source: 'https://vercel.com/docs/functions/limitations',
  },
  // 512 MB; 50 ms of processor time a request, on average, on the smallest plan (200 on others); 1 GB of files; a program
  // should not block its event loop for more than 1 s.
  'deno-deploy': {
    memoryBytes: 512 * MIB,
    places: [{ place: 'beside the program', fileBytes: 1e9, opens: 'start', startMs: 1000, requestMs: 50 }],
    source: 'https://docs.deno.com/subhosting/manual/pricing_and_limits',
  },
  // A memory of WebAssembly has at most 65,536 pages (https://www.w3.org/TR/wasm-js-api-2/#limits); longer than 50 ms in
  // one go is a long task (https://www.w3.org/TR/longtasks/), during which a page answers nobody.
  browser: {
    memoryBytes: 4096 * MIB,
    places: [
      { place: 'opened by the page', opens: 'request', requestMs: 50 },
      { place: 'opened by a Web Worker', opens: 'request' },
    ],
    source: 'https://www.w3.org/TR/longtasks/',
  },
};
