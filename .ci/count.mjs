// Prints `N passed, N failed, N skipped` from vitest's JSON report. Exit code 1 when a test failed, a test file could not
// be loaded, or there is no report.
import { existsSync, readFileSync } from 'node:fs';

const path = process.argv[2] ?? '';
if (existsSync(path)) {
  const report = JSON.parse(readFileSync(path, 'utf8'));
  const unloaded = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((result) => result.status === 'failed'),
  ).length;
  const failed = report.numFailedTests + unloaded;
  const skipped = report.numPendingTests + report.numTodoTests;
  console.log(`${report.numPassedTests} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = failed === 0 && report.success ? 0 : 1;
} else {
  console.log('0 passed, 1 failed, 0 skipped');
  process.exitCode = 1;
}
