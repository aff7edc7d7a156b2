// A worker thread of a study; the build makes it a file of its own beside the chunks of the command line.
import { workerData } from 'node:worker_threads';
import { serveTasks } from './engine/serveTasks.ts';
import { serveJobs } from './workers.ts';

const setup = workerData.llminitStudy;
await ('runner' in setup ? serveTasks(setup) : serveJobs());
