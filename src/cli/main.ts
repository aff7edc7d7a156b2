#!/usr/bin/env node
import { VERSION } from './version.ts';

// Nothing but the command asked for is loaded, and for the version nothing at all.
const argv = process.argv.slice(2);
if (argv.length === 1 && argv[0] === '--version') process.stdout.write(`${VERSION}\n`);
else {
  const isQuery = argv[0] === 'recommend' || argv[0] === 'similar';
  const { main } = await (isQuery ? import('./queries.ts') : import('./allCommands.ts'));
  await main(argv);
}
