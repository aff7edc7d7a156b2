// A server process of the HTTP workload: `node bench/httpServer.mjs raw|handler MODEL`. It tells its parent its port, and when
// asked its processor time and memory, and what `recommend` takes without HTTP.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';
import { SCRATCH } from './library.mjs';

const DIRECT_CALLS = 20_000;

const [kind, file] = process.argv.slice(2);
const library = await import(pathToFileURL(`${SCRATCH}/library.mjs`).href);
const recommender = await library.Recommender.open(readFileSync(file));
const server = createServer(
  kind === 'raw' ? raw() : library.httpListener(library.createHandler(recommender)),
);
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));

process.on('message', ({ ask }) => {
  if (ask === 'usage') process.send({ cpuMs: processorMs(), bytes: process.memoryUsage().rss });
  else process.send({ directMs: directMs() });
});
process.on('disconnect', () => process.exit());

/** The least that a server of Node can do: a text of the size of `/health`'s answer. */
function raw() {
  const body = JSON.stringify({ status: 'ok', model: '00000000', users: 1000, items: 6000 });
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  return (_, response) => {
    response.writeHead(200, headers);
    response.end(body);
  };
}

function directMs() {
  for (let n = 0; n < 2000; n++) recommender.recommend(`user${n % 1000}`);
  const before = processorMs();
  for (let n = 0; n < DIRECT_CALLS; n++) recommender.recommend(`user${n % 1000}`);
  return (processorMs() - before) / DIRECT_CALLS;
}

function processorMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
