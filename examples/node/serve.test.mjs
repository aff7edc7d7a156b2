import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHandler } from 'llminit/http';
import { readBytes } from 'llminit/node';
import { Recommender } from 'llminit/serve';

const model = await readBytes(new URL('model.safetensors', import.meta.url));
const handler = createHandler(await Recommender.open(model));

test('recommends to somebody new, and nothing that they have', async () => {
  const response = await handler(new Request('http://test/v1/recommendations?history=b01,b02&k=3'));
  assert.equal(response.status, 200);
  const { items } = await response.json();
  assert.equal(items.length, 3);
  assert.ok(items.every(({ id, title }) => title && id !== 'b01' && id !== 'b02'));
});

test('says what is wrong with a request', async () => {
  const response = await handler(new Request('http://test/v1/similar?item=nosuch'));
  assert.equal(response.status, 422);
  assert.match((await response.json()).detail, /nosuch/);
});
