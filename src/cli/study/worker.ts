// A worker thread of a study; the build makes it a file of its own beside the chunks of the command line.
import { serveJobs } from './workers.ts';

await serveJobs();
