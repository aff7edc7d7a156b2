// Answers GET /v1/recommendations?history=b01,b02&k=3 from the model that train.mjs has saved. Run with
//   npm start
import { createServer } from 'node:http';
import { createHandler } from 'llminit/http';
import { httpListener, readBytes } from 'llminit/node';
import { Recommender } from 'llminit/serve';

const model = await readBytes(new URL('model.safetensors', import.meta.url));
const handler = createHandler(await Recommender.open(model));
const server = createServer(httpListener(handler));
server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/v1/recommendations?history=b01,b02&k=3`);
});
