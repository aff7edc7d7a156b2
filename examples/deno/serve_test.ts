import { createHandler } from 'llminit/http';
import { Recommender } from 'llminit/serve';

const handler = createHandler(await Recommender.open(await Deno.readFile('model.safetensors')));

Deno.test('recommends to somebody new, and nothing that they have', async () => {
  const response = await handler(new Request('http://test/v1/recommendations?history=b01,b02&k=3'));
  const { items } = await response.json();
  if (items.length !== 3) throw new Error(`expected three items, received ${items.length}`);
  for (const { id } of items) if (id === 'b01' || id === 'b02') throw new Error(`${id} is in the history`);
});
