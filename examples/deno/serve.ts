#!/usr/bin/env -S deno run --allow-read --allow-net
// Answers GET /v1/recommendations?history=b01,b02&k=3 from a model file:
//   deno task start model.safetensors 8000
import { createHandler } from 'llminit/http';
import { Recommender } from 'llminit/serve';

const [file = 'model.safetensors', port = '8000'] = Deno.args;
const handler = createHandler(await Recommender.open(await Deno.readFile(file), { name: file }));
Deno.serve({ port: Number(port), hostname: '127.0.0.1' }, (request) => handler(request));
