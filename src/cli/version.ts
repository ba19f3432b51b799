import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { z } from 'zod';
import type { CliDeps } from './deps.ts';

const PackageJson = z.object({ version: z.string() });

/** This program's version. The same path leads to package.json from the sources and from `dist`. */
export function readVersion(): string {
  return PackageJson.parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))).version;
}

export function addVersion(program: Command, deps: CliDeps): void {
  program
    .command('version')
    .description('Print the version.')
    .action(() =>
      deps.io.out(`kubetally ${readVersion()} (Node.js ${process.version}, ${process.platform} ${process.arch})\n`),
    );
}
