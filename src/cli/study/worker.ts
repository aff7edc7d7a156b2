// A worker thread of a study; the build makes it a file of its own beside the chunks of the command line.
import { workerData } from 'node:worker_threads';
import { serveTasks } from './engine/serveTasks.ts';

await serveTasks(workerData.llminitStudy);
