import { job } from './job.mjs';

onmessage = async ({ data }) => postMessage(await job(data));
