// The package as users have it, bundled from the sources.
export * from '../src/index.ts';
export { openSource } from '../src/node.ts';
