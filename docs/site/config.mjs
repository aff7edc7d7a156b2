// VitePress: the pages of docs/ with the reference that TypeDoc makes. scripts/site.mjs puts all of it in place.
import reference from './reference.mjs';

/** Vue computes what stands between two pairs of braces; in these pages they are text. */
function keepBraces({ renderer: { rules } }) {
  for (const kind of ['text', 'code_inline']) {
    const render = rules[kind];
    rules[kind] = (...args) => render(...args).replaceAll('{', '&#123;');
  }
}

const page = ([text, link]) => ({ text, link });
const places = [
  ['Limits and sizes', '/docs/places/'],
  ['Cloudflare Workers', '/docs/places/cloudflare'],
  ['Vercel and Next.js', '/docs/places/vercel'],
  ['Deno', '/docs/places/deno'],
  ['Node', '/docs/places/node'],
  ['Browser', '/docs/places/browser'],
  ['Bun, Jest, bundlers', '/docs/places/others'],
];
const guide = [
  ['First steps', '/docs/first-steps'],
  ['Your data', '/docs/files'],
  ['Texts to vectors', '/docs/encoders'],
  ['Choosing a model', '/docs/models'],
  ['Reading the report', '/docs/report'],
  ['A living catalogue', '/docs/living-catalogue'],
  ['HTTP', '/docs/http'],
  ['Chat models', '/docs/chat-models'],
  ['Recipes', '/docs/recipes'],
  ['Outgrowing one machine', '/docs/outgrowing'],
];
const background = [
  ['How it works', '/docs/how-it-works'],
  ['The model file', '/docs/model-file'],
  ['How it compares', '/docs/compared'],
  ['Questions and errors', '/docs/faq'],
  ['Measurements', '/bench/RESULTS'],
  ['Changes', '/CHANGELOG'],
  ['Migrating', '/MIGRATING'],
];

export default {
  title: 'llminit',
  description: 'Text vectors and clicks go in, a small file comes out, and it recommends wherever JavaScript runs.',
  // Works below any path, also from a folder on a disk's web server.
  base: process.env.SITE_BASE ?? '/',
  lastUpdated: false,
  markdown: { html: false, config: keepBraces },
  themeConfig: {
    search: { provider: 'local' },
    nav: [
      { text: 'First steps', link: '/docs/first-steps' },
      { text: 'Command line', link: '/docs/cli' },
      { text: 'Reference', link: '/api/' },
    ],
    sidebar: {
      '/api/': reference,
      '/': [
        { text: 'Guide', items: guide.map(page) },
        { text: 'Places', items: places.map(page) },
        { text: 'Background', items: background.map(page) },
        { text: 'Reference', items: [page(['Command line', '/docs/cli']), page(['API', '/api/'])] },
      ],
    },
  },
};
