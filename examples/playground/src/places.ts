// What a person pastes, with the name of the file filled in.

export const PLACES = {
  cloudflare: {
    label: 'a Cloudflare Worker',
    code: (file) => `// npx llminit new cloudflare my-shop, then put ${file} in the place of src/model.bin
import { createHandler, Recommender } from 'llminit/serve';
import model from './model.bin'; // ${file}

export default { fetch: createHandler(await Recommender.open(model)) };
`,
  },
  deno: {
    label: 'Deno',
    code: (file) => `import { createHandler, Recommender } from 'npm:llminit/serve';

const handler = createHandler(await Recommender.open(await Deno.readFile('${file}')));
Deno.serve((request) => handler(request));
`,
  },
  node: {
    label: 'Node',
    code: (file) => `import { readBytes } from 'llminit/node';
import { Recommender } from 'llminit/serve';

const recommender = await Recommender.open(await readBytes('${file}'));
console.log(recommender.popularItems({ k: 5 }));
// Over HTTP: npx llminit serve ${file}
`,
  },
  page: {
    label: 'a page',
    code: (file) => `import { Recommender } from 'llminit/serve';

const recommender = await Recommender.fromUrl('/${file}');
console.log(recommender.recommend({ history: ['an item id'] }, { k: 5, fallback: 'popular' }));
`,
  },
} as const satisfies Record<string, { label: string; code: (file: string) => string }>;

export type Place = keyof typeof PLACES;
