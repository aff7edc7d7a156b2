// Runs the job in the page, in a Web Worker or in a Service Worker, or another one, as the query says, and leaves it in
// `result`.
const query = new URLSearchParams(location.search);
const threads = Number(query.get('threads') ?? 1);
const places = {
  page: inPage,
  worker: inWorker,
  'service-worker': inServiceWorker,
  caches: inCaches,
  none: () => null,
};

globalThis.result = places[query.get('in') ?? 'page']();

async function inPage() {
  const { job } = await import('./job.mjs');
  return job(threads);
}

async function inCaches() {
  const { vectorCaches } = await import('./vectorCaches.mjs');
  return vectorCaches();
}

function inWorker() {
  const worker = new Worker('webWorker.mjs', { type: 'module' });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message ?? 'the worker did not start'));
    worker.postMessage(threads);
  });
}

async function inServiceWorker() {
  const registration = await navigator.serviceWorker.register('serviceWorker.mjs', { type: 'module' });
  const worker = registration.installing ?? registration.waiting ?? registration.active;
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data);
    worker.postMessage(threads, [port2]);
  });
}
