// GET /?history=b01,b02 answers with three recommendations, without a history with what sells best. The model lies in
// an R2 bucket:
//   npx wrangler r2 bucket create models
//   npx wrangler r2 object put models/model.safetensors --file model.safetensors            for `wrangler dev`
//   npx wrangler r2 object put models/model.safetensors --file model.safetensors --remote   for `wrangler deploy`
import { isLlminitError, Recommender } from 'llminit/serve';

/** Of the isolate. Requests that arrive while the model is being opened wait for the same promise. */
let opening;

export default {
  async fetch(request, env) {
    opening ??= open(env.MODELS).catch((error) => {
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
  },
};

async function open(bucket) {
  const file = await bucket.get('model.safetensors');
  if (!file) throw new Error('model.safetensors is not in the bucket');
  return Recommender.open(new Uint8Array(await file.arrayBuffer()));
}
