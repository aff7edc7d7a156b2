// The model is a value in KV: at most 25 MiB. Otherwise as r2.js.
import { createHandler } from 'llminit/http';
import { Recommender } from 'llminit/serve';

let handler;

export default {
  fetch(request, { MODELS }) {
    handler ??= createHandler(async () => {
      const bytes = await MODELS.get('model.safetensors', 'arrayBuffer');
      if (!bytes) throw new Error('model.safetensors is not in the namespace');
      return Recommender.open(bytes);
    });
    return handler(request);
  },
};
