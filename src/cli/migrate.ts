import type { Command } from 'commander';
import type { CliDeps } from './deps.ts';
import { configOf, withConfig } from './options.ts';

/** `migrate`: brings the stores to this version. `serve` does it too; this is for those who want it apart. */
export function addMigrate(program: Command, deps: CliDeps): void {
  withConfig(program.command('migrate'))
    .summary('bring the stores to this version')
    .description('Bring both stores to this version. The server does so itself when it starts.')
    .action(async (options: unknown) => {
      const { relational, columnar } = await deps.migrate(configOf(options).config);
      deps.io.out(`relational: ${applied(relational)}\ncolumnar: ${applied(columnar)}\n`);
    });
}

function applied(numbers: readonly number[]): string {
  return numbers.length === 0 ? 'nothing to do' : `applied ${numbers.join(', ')}`;
}
