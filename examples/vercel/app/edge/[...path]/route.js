// On the edge runtime, which Next.js calls deprecated: GET /edge/v1/recommendations?history=b01,b02&k=3
import { createHandler } from 'llminit/http';
import { Recommender } from 'llminit/serve';

export const runtime = 'edge';

let handler;

/** The model is one of the public files. Requests that arrive while it is opened wait for the same opening. */
function answer(request) {
  handler ??= createHandler(
    async () => {
      const response = await fetch(new URL('/model.safetensors', request.url));
      if (!response.ok) throw new Error(`model.safetensors: status ${response.status}`);
      return Recommender.open(await response.arrayBuffer());
    },
    { basePath: '/edge' },
  );
  // On the edge Next.js adds the parameters of the route to the query.
  const url = new URL(request.url);
  url.searchParams.delete('path');
  return handler(new Request(url, request));
}

export { answer as GET, answer as POST };
