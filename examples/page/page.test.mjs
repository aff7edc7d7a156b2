import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Recommender } from 'llminit/serve';

test('the page is built with the model beside it, which recommends to somebody new', async () => {
  assert.match(await readFile('dist/index.html', 'utf8'), /<script type="module"/);
  const recommender = await Recommender.open(await readFile('dist/model.safetensors'));
  const items = recommender.recommend({ history: ['b01', 'b02'] }, { k: 3 });
  assert.equal(items.length, 3);
  assert.ok(items.every(({ id }) => id !== 'b01' && id !== 'b02'));
});
