/** The projects that `llminit new` writes: folders of examples/, which the package brings along. */
export const STARTERS = {
  cloudflare: {
    folder: 'cloudflare-worker',
    what: 'a Cloudflare Worker with the model in it',
    steps: ['npm install', 'npm run train', 'npm start'],
  },
  vercel: {
    folder: 'vercel',
    what: 'Next.js on Vercel',
    steps: ['npm install', 'npm run train', 'npm run dev'],
  },
  deno: {
    folder: 'deno',
    what: 'Deno and Deno Deploy',
    steps: ['deno task train', 'deno task start'],
  },
  node: {
    folder: 'node',
    what: 'a server on Node',
    steps: ['npm install', 'npm run train', 'npm start'],
  },
  page: {
    folder: 'page',
    what: 'a page that recommends without a server',
    steps: ['npm install', 'npm run train', 'npm start'],
  },
} as const satisfies Record<string, Starter>;

export type StarterName = keyof typeof STARTERS;

interface Starter {
  /** In examples/. */
  readonly folder: string;
  readonly what: string;
  /** Commands that lead to the first recommendation. */
  readonly steps: readonly string[];
}
