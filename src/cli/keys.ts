import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { consolePrincipal } from '../access/principal.ts';
import { parseInstant, parseLength } from '../core/window.ts';
import { isoDay } from '../lib/clock.ts';
import { SCOPES } from '../store/relational/api-keys.ts';
import type { CliDeps } from './deps.ts';
import { alignColumns } from './formats/align.ts';
import { printable } from './formats/table.ts';
import { consoleOfServer, consoleOfStores, type KeyConsole, type ShownKey, tenantIdAt } from './key-console.ts';
import { configOf, requireTenant, TENANT_STANDARD, using, withConfig } from './options.ts';
import { clientOf, withServer } from './server-options.ts';

const KEYS_SHOWN_MAX = 1_000;

const CreateOptions = z.object({
  name: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  cluster: z.string().optional(),
  expires: z.number().optional(),
});

/** `keys create|list|revoke|rotate`: the keys of a tenant, behind a server, or in the stores of this machine. */
export function addKeys(program: Command, deps: CliDeps): void {
  const keys = program
    .command('keys')
    .summary('make, list, revoke and rotate API keys')
    .description(
      'Make, list, revoke and rotate API keys: of a server (--server), or in the stores of this machine, as always with --data or --config.',
    );
  addCreate(keys, deps);
  addList(keys, deps);
  addRevoke(keys, deps);
  addRotate(keys, deps);
}

function addCreate(keys: Command, deps: CliDeps): void {
  withPlace(keys.command('create'))
    .description('Make a key. It is printed this once.')
    .requiredOption('-n, --name <name>', 'what it is for')
    .addOption(
      new Option('--scopes <list>', `comma list of ${SCOPES.join(', ')}`)
        .argParser(scopesOf)
        .default(['ingest'], 'ingest'),
    )
    .option('--cluster <name>', 'the only cluster it may speak of')
    .addOption(
      new Option('--expires <when>', 'a length (90d) or an instant').argParser((text) =>
        instantFrom(text, deps.clock.now()),
      ),
    )
    .action(async (given: unknown, command: Command) => {
      const { name, scopes, cluster: clusterName, expires: expiresAt } = CreateOptions.parse(given);
      await administer({ deps, command }, async (keys) => {
        const key = await keys.create({ name, scopes, clusterName, expiresAt });
        deps.io.err(`Key "${printable(key.name)}" (${key.scopes.join(', ')}), shown this once:\n`);
        deps.io.out(`${key.keyId}:${key.secret}\n`);
      });
    });
}

function addList(keys: Command, deps: CliDeps): void {
  withPlace(keys.command('list'))
    .description('List the keys of a tenant, newest first.')
    .action(async (_: unknown, command: Command) => {
      await administer({ deps, command }, async (keys) => {
        const found = await keys.list(KEYS_SHOWN_MAX);
        deps.io.out(listing(found, deps.clock.now()));
      });
    });
}

function addRevoke(keys: Command, deps: CliDeps): void {
  withPlace(keys.command('revoke <key_id>'))
    .description('End a key at once.')
    .action(async (keyId: string, _: unknown, command: Command) => {
      await administer({ deps, command }, async (keys) => {
        await keys.revoke(keyId);
        deps.io.out(`revoked ${keyId}\n`);
      });
    });
}

function addRotate(keys: Command, deps: CliDeps): void {
  withPlace(keys.command('rotate <key_id>'))
    .description('Replace a key by a new one, which is printed this once.')
    .addOption(new Option('--grace <length>', 'how long the old key still works, such as 24h').argParser(lengthFrom))
    .action(async (keyId: string, given: unknown, command: Command) => {
      const { grace = 0 } = z.object({ grace: z.number().optional() }).parse(given);
      await administer({ deps, command }, async (keys) => {
        const key = await keys.rotate(keyId, grace);
        deps.io.err(`Key "${printable(key.name)}" that replaces ${keyId}, shown this once:\n`);
        deps.io.out(`${key.keyId}:${key.secret}\n`);
      });
    });
}

/** Where the keys are: behind `--server`, or in the stores of this machine. */
function withPlace(command: Command): Command {
  return withServer(withConfig(command)).option('-t, --tenant <tenant>', 'name of the tenant, or with --server its id');
}

async function administer(
  { deps, command }: { deps: CliDeps; command: Command },
  work: (keys: KeyConsole) => Promise<void>,
): Promise<void> {
  const given = command.opts();
  const { tenant } = z.object({ tenant: z.string().optional() }).parse(given);
  const client = clientOf(command);
  if (client) return work(consoleOfServer(client, tenant === undefined ? tenant : await tenantIdAt(client, tenant)));
  await using(deps.openAdministration(configOf(given).config), async (administration) => {
    const by = consolePrincipal(await requireTenant(administration, tenant ?? TENANT_STANDARD));
    await work(consoleOfStores(administration.keys, by));
  });
}

function listing(keys: readonly ShownKey[], now: number): string {
  const rows = keys.map((key) => [
    key.keyId,
    printable(key.name),
    key.scopes.join(','),
    stateOf(key, now),
    day(key.createdAt),
    day(key.lastUsedAt),
  ]);
  return alignColumns([['KEY ID', 'NAME', 'SCOPES', 'STATE', 'CREATED', 'LAST USED'], ...rows]);
}

function stateOf({ revokedAt, expiresAt }: ShownKey, now: number): string {
  if (revokedAt !== null) return 'revoked';
  if (expiresAt === null) return 'usable';
  return expiresAt <= now ? 'expired' : `until ${day(expiresAt)}`;
}

function day(at: number | null): string {
  return at === null ? 'never' : isoDay(at);
}

function scopesOf(text: string): string[] {
  const scopes = text.split(',').map((scope) => scope.trim());
  const known: readonly string[] = SCOPES;
  if (scopes.every((scope) => known.includes(scope))) return scopes;
  throw new InvalidArgumentError(`Scopes are ${SCOPES.join(', ')}.`);
}

function instantFrom(text: string, now: number): number {
  const lengthMs = parseLength(text);
  const at = lengthMs === undefined ? parseInstant(text) : now + lengthMs;
  if (at !== undefined) return at;
  throw new InvalidArgumentError('It can be a length such as 90d, a date, or an instant such as 2026-12-31T00:00:00Z.');
}

function lengthFrom(text: string): number {
  const lengthMs = parseLength(text);
  if (lengthMs !== undefined) return lengthMs;
  throw new InvalidArgumentError('It can be a length such as 24h or 7d.');
}
