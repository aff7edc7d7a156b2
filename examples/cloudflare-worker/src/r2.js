// The model lies in an R2 bucket. Requests that arrive while it is opened wait for the same opening; one that failed is
// tried again by the next request.
import { createHandler } from 'llminit/http';
import { Recommender } from 'llminit/serve';

let handler;

export default {
  fetch(request, { MODELS }) {
    handler ??= createHandler(async () => {
      const file = await MODELS.get('model.safetensors');
      if (!file) throw new Error('model.safetensors is not in the bucket');
      return Recommender.open(await file.arrayBuffer());
    });
    return handler(request);
  },
};
