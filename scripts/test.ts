import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { buildWeb } from './lib/build.ts';
import { ensureTestPrograms } from './lib/debian.ts';
import { runTool } from './lib/run.ts';

/**
 * Runs the tests and ends with the line `N passed, N failed`, and `, N skipped` where some were. Ends with 1 when a test
 * failed, when a file could not be loaded, and when nothing ran: a check of nothing must not pass. Arguments go to vitest.
 */
const Results = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(z.object({ name: z.string(), status: z.string(), assertionResults: z.array(z.unknown()) })),
});

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

async function main(args: readonly string[]): Promise<Counts> {
  await ensureTestPrograms();
  await buildWeb();
  const folder = await mkdtemp(join(tmpdir(), 'kubetally-tests-'));
  const file = join(folder, 'results.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const { code } = await runTool('vitest', ['run', ...reporters, ...args]);
    return await countsOf(file, code);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function countsOf(file: string, code: number): Promise<Counts> {
  const written = await access(file).then(
    () => true,
    () => false,
  );
  if (!written) return { passed: 0, failed: 1, skipped: 0 };
  const results = Results.parse(JSON.parse(await readFile(file, 'utf8')));
  const unloaded = results.testResults.filter(
    (suite) => suite.status === 'failed' && suite.assertionResults.length === 0,
  );
  for (const { name } of unloaded) console.error(`could not be loaded: ${name}`);
  const failed = results.numFailedTests + unloaded.length;
  return {
    passed: results.numPassedTests,
    failed: failed === 0 && code !== 0 ? 1 : failed, // an error outside of any test
    skipped: results.numPendingTests + results.numTodoTests,
  };
}

const { passed, failed, skipped } = await main(process.argv.slice(2)).catch((error: unknown): Counts => {
  console.error(error instanceof Error ? error.message : error);
  return { passed: 0, failed: 1, skipped: 0 };
});
if (passed + failed === 0) console.error('no test ran');
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
