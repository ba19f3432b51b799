import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './run.ts';

/** A program that some tests need, and the Debian package that brings it. */
interface TestProgram {
  readonly name: string;
  readonly debianPackage: string;
  isThere(): boolean;
}

const TEST_PROGRAMS: readonly TestProgram[] = [
  { name: 'PostgreSQL', debianPackage: 'postgresql', isThere: () => hasDebianPostgres() },
  { name: 'Redis', debianPackage: 'redis-server', isThere: () => inPath('redis-server') },
  { name: 'Chromium', debianPackage: 'chromium', isThere: () => inPath('chromium') },
  { name: 'Prometheus', debianPackage: 'prometheus', isThere: () => inPath('prometheus') && inPath('promtool') },
  { name: 'vmagent', debianPackage: 'victoria-metrics', isThere: () => inPath('vmagent') },
];

/**
 * Brings the servers and the browser that the tests run against, where this is Debian and we may. Elsewhere it says what
 * is missing; the tests that need it are then skipped, and the last line counts them.
 */
export async function ensureTestPrograms(): Promise<void> {
  const missing = TEST_PROGRAMS.filter((program) => !program.isThere());
  if (missing.length === 0) return;
  const packages = missing.map((program) => program.debianPackage);
  if (mayInstall()) await install(packages);
  const absent = missing.filter((program) => !program.isThere());
  if (absent.length === 0) return;
  const names = absent.map((program) => program.name).join(', ');
  console.error(`Tests that need ${names} will be skipped. On Debian: apt-get install ${packages.join(' ')}`);
}

async function install(packages: readonly string[]): Promise<void> {
  console.error(`Installing ${packages.join(', ')} for the tests`);
  const options = { quiet: true, env: { DEBIAN_FRONTEND: 'noninteractive' } };
  await run('apt-get', ['update', '-qq'], options);
  const { code, output } = await run(
    'apt-get',
    ['install', '-y', '-qq', '--no-install-recommends', ...packages],
    options,
  );
  if (code !== 0) console.error(output);
}

function mayInstall(): boolean {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && inPath('apt-get');
}

/** The programs themselves, not the wrappers of other packages. */
function hasDebianPostgres(): boolean {
  const root = '/usr/lib/postgresql';
  return existsSync(root) && readdirSync(root).some((version) => isProgram(join(root, version, 'bin/postgres')));
}

function inPath(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => isProgram(join(folder, name)));
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
