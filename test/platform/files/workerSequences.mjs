// A Worker that serves a model of sequences with the serving entry and what reads it.
import * as llminit from 'llminit';
import * as sequences from 'llminit/sequences';
import * as serve from 'llminit/serve';
import { runSequenceScenario } from './sequenceScenario.mjs';

export default {
  async fetch() {
    return Response.json(await runSequenceScenario(llminit, serve, sequences));
  },
};
