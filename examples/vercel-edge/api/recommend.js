// GET /api/recommend?history=b01,b02 answers with three recommendations, without a history with what sells best. The
// model lies in public/.
import { isLlminitError, Recommender } from 'llminit/serve';

export const config = { runtime: 'edge' };

/** Of the instance. Requests that arrive while the model is being opened wait for the same promise. */
let opening;

export default async function handler(request) {
  opening ??= open(new URL('/model.safetensors', request.url)).catch((error) => {
    opening = undefined; // The next request tries again.
    throw error;
  });
  const recommender = await opening;
  const history = new URL(request.url).searchParams.get('history')?.split(',') ?? [];
  try {
    const options = { k: 3 };
    return Response.json(
      history.length > 0 ? recommender.recommendFor(history, options) : recommender.popularItems(options),
    );
  } catch (error) {
    if (!isLlminitError(error)) throw error;
    return Response.json({ error: error.message, code: error.code }, { status: 400 });
  }
}

async function open(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: status ${response.status}`);
  return Recommender.open(new Uint8Array(await response.arrayBuffer()));
}
