import { job } from './job.mjs';

self.addEventListener('message', async ({ data }) => self.postMessage(await job(data)));
