// GET /?history=b01,b02 answers with three recommendations. The model lies in an R2 bucket:
//   npx wrangler r2 object put models/model.safetensors --file model.safetensors
import { Recommender } from 'llminit/serve';

/** Opened by the first request of an isolate and kept. */
let recommender;

export default {
  async fetch(request, env) {
    recommender ??= await open(env.MODELS);
    const history = new URL(request.url).searchParams.get('history')?.split(',') ?? [];
    try {
      return Response.json(recommender.recommendFor(history, { k: 3 }));
    } catch (error) {
      if (error.name !== 'DataError') throw error;
      return Response.json({ error: error.message }, { status: 400 });
    }
  },
};

async function open(bucket) {
  const file = await bucket.get('model.safetensors');
  if (!file) throw new Error('model.safetensors is not in the bucket');
  return Recommender.open(new Uint8Array(await file.arrayBuffer()));
}
