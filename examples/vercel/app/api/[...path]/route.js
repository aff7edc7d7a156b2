// On Node: GET /api/v1/recommendations?history=b01,b02&k=3
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createHandler } from 'llminit/http';
import { Recommender } from 'llminit/serve';

export const dynamic = 'force-dynamic';

const handler = createHandler(
  async () => Recommender.open(await readFile(join(process.cwd(), 'public/model.safetensors'))),
  { basePath: '/api' },
);

export { handler as GET, handler as POST };
