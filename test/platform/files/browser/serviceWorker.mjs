import { job } from './job.mjs';

self.addEventListener('message', (event) => {
  event.waitUntil(job(event.data).then((result) => event.ports[0].postMessage(result)));
});
