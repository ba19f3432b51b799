import type { Command } from 'commander';
import { z } from 'zod';
import { AppError } from '../lib/errors.ts';
import type { CliDeps } from './deps.ts';
import { configOf, TENANT_STANDARD, using, withConfig } from './options.ts';

const Options = z.object({
  tenant: z.string(),
  newKey: z.boolean().default(false),
  ifNone: z.boolean().default(false),
});

/** `init`: the first tenant and its operator key. The key goes to the output alone, so that a script can keep it. */
export function addInit(program: Command, deps: CliDeps): void {
  withConfig(program.command('init'))
    .summary('make the stores and the first key')
    .description('Make the stores, a tenant and its first key, which may do everything. The key is printed this once.')
    .option('-t, --tenant <name>', 'its name', TENANT_STANDARD)
    .option('--new-key', 'make another operator key where there is one already')
    .option('--if-none', 'do nothing where there is one already: for what starts again and again')
    .action(async (options: unknown) => {
      const { tenant: tenantName, newKey: another, ifNone } = Options.parse(options);
      await using(deps.openAdministration(configOf(options).config), async ({ tenants }) => {
        const first = await tenants
          .initialise({ tenantName, another })
          .catch((error: unknown) => orNone(error, ifNone));
        if (first === undefined) return deps.io.err('there is an operator key already: nothing to do\n');
        const { tenant, key } = first;
        deps.io.err(`Operator key of tenant "${tenant.name}" (${tenant.id}), shown this once:\n`);
        deps.io.out(`${key.keyId}:${key.secret}\n`);
      });
    });
}

/** An operator key that is there already is a refusal, unless that is what was asked for. */
function orNone(error: unknown, ifNone: boolean): undefined {
  if (!(error instanceof AppError) || error.code !== 'conflict') throw error;
  if (ifNone) return undefined;
  throw new AppError('conflict', `${error.message}; --new-key makes another`, { cause: error });
}
