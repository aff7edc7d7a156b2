// Builds the package and runs all tests. Arguments go to vitest. Ends with the line `N passed, N failed, N skipped`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

function run(...args) {
  return spawnSync(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] }).status ?? 1;
}

// The kernel tests run on the debug build as well, and on functions that the released builds hold inlined only.
for (const step of [
  ['scripts/kernels.mjs', '--tests'],
  ['scripts/build.mjs', '--quiet'],
]) {
  const status = run(...step);
  if (status !== 0) process.exit(status);
}

const folder = mkdtempSync(join(tmpdir(), 'llminit-test-'));
const report = join(folder, 'report.json');
let status = run(
  'node_modules/vitest/vitest.mjs',
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
);
let counts = { passed: 0, failed: 1, skipped: 0 };
try {
  const { numPassedTests, numFailedTests, numPendingTests, success } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  counts = { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests };
  if (!success && status === 0) status = 1;
} catch (error) {
  console.error(`No test report: ${error.message}`);
  status ||= 1;
}
rmSync(folder, { recursive: true, force: true });
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = status;
