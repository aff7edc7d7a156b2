/** What `llminit` says when it is called without a command. */
export const FIRST_STEPS = `llminit makes a recommender from clicks and texts: one small file that answers wherever JavaScript runs.

See it work on a made-up shop, in a folder llminit-demo (about ten seconds):
  $ llminit demo

Train on your own files. Clicks need a column of users and one of items; products need item ids and texts:
  $ llminit train --interactions clicks.csv --items products.csv --out model.safetensors

Recommend, to somebody it knows or from items that anybody likes:
  $ llminit recommend model.safetensors --user u42
  $ llminit recommend model.safetensors --history i1,i7

A project to start from, for cloudflare, vercel, deno, node or page:
  $ llminit new cloudflare my-shop

All commands: llminit --help. All options of one: llminit train --help.
`;
