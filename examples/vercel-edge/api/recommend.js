// GET /api/recommend?history=b01,b02 answers with three recommendations. The model lies in public/.
import { Recommender } from 'llminit/serve';

export const config = { runtime: 'edge' };

/** Opened by the first request of an instance and kept. */
let recommender;

export default async function handler(request) {
  recommender ??= await open(new URL('/model.safetensors', request.url));
  const history = new URL(request.url).searchParams.get('history')?.split(',') ?? [];
  try {
    return Response.json(recommender.recommendFor(history, { k: 3 }));
  } catch (error) {
    if (error.name !== 'DataError') throw error;
    return Response.json({ error: error.message }, { status: 400 });
  }
}

async function open(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: status ${response.status}`);
  return Recommender.open(new Uint8Array(await response.arrayBuffer()));
}
