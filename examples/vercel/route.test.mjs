import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GET } from './app/api/[...path]/route.js';

test('the route on Node recommends to somebody new', async () => {
  const response = await GET(new Request('http://test/api/v1/recommendations?history=b01,b02&k=3'));
  assert.equal(response.status, 200);
  const { items } = await response.json();
  assert.equal(items.length, 3);
  assert.ok(items.every(({ id }) => id !== 'b01' && id !== 'b02'));
});
