import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { consolePrincipal, type Principal } from '../access/principal.ts';
import { parseInstant, parseLength } from '../core/window.ts';
import { SECOND_MS } from '../lib/clock.ts';
import { type ApiKey, SCOPES } from '../store/relational/api-keys.ts';
import type { Administration, CliDeps } from './deps.ts';
import { alignColumns } from './formats/align.ts';
import { printable } from './formats/table.ts';
import { configOf, requireTenant, tenantOption, using, withConfig } from './options.ts';

const KEYS_SHOWN_MAX = 1_000;

const CreateOptions = z.object({
  name: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  cluster: z.string().optional(),
  expires: z.number().optional(),
});

/** `keys create|list|revoke|rotate`: the keys of a tenant, at the console of the machine that holds the stores. */
export function addKeys(program: Command, deps: CliDeps): void {
  const keys = program
    .command('keys')
    .summary('make, list, revoke and rotate API keys')
    .description(
      'Make, list, revoke and rotate API keys. Needs the stores of this machine; of a running server with embedded stores, use its API.',
    );
  addCreate(keys, deps);
  addList(keys, deps);
  addRevoke(keys, deps);
  addRotate(keys, deps);
}

function addCreate(keys: Command, deps: CliDeps): void {
  withConfig(keys.command('create'))
    .description('Make a key. It is printed this once.')
    .addOption(tenantOption())
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
    .action(async (given: unknown) => {
      const { name, scopes, cluster: clusterName, expires: expiresAt } = CreateOptions.parse(given);
      await administer({ deps, given }, async ({ keys: admin }, by) => {
        const key = await admin.create(by, { name, scopes, clusterName, expiresAt });
        deps.io.err(`Key "${printable(key.name)}" (${key.scopes.join(', ')}), shown this once:\n`);
        deps.io.out(`${key.keyId}:${key.secret}\n`);
      });
    });
}

function addList(keys: Command, deps: CliDeps): void {
  withConfig(keys.command('list'))
    .description('List the keys of a tenant, newest first.')
    .addOption(tenantOption())
    .action(async (given: unknown) => {
      await administer({ deps, given }, async ({ keys: admin }, by) => {
        const found = await admin.list(by, { limit: KEYS_SHOWN_MAX });
        deps.io.out(listing(found, deps.clock.now()));
      });
    });
}

function addRevoke(keys: Command, deps: CliDeps): void {
  withConfig(keys.command('revoke <key_id>'))
    .description('End a key at once.')
    .addOption(tenantOption())
    .action(async (keyId: string, given: unknown) => {
      await administer({ deps, given }, async ({ keys: admin }, by) => {
        await admin.revoke(by, keyId);
        deps.io.out(`revoked ${keyId}\n`);
      });
    });
}

function addRotate(keys: Command, deps: CliDeps): void {
  withConfig(keys.command('rotate <key_id>'))
    .description('Replace a key by a new one, which is printed this once.')
    .addOption(tenantOption())
    .addOption(new Option('--grace <length>', 'how long the old key still works, such as 24h').argParser(lengthFrom))
    .action(async (keyId: string, given: unknown) => {
      const { grace = 0 } = z.object({ grace: z.number().optional() }).parse(given);
      await administer({ deps, given }, async ({ keys: admin }, by) => {
        const key = await admin.rotate(by, keyId, { graceSeconds: grace / SECOND_MS });
        deps.io.err(`Key "${printable(key.name)}" that replaces ${keyId}, shown this once:\n`);
        deps.io.out(`${key.keyId}:${key.secret}\n`);
      });
    });
}

async function administer(
  { deps, given }: { deps: CliDeps; given: unknown },
  work: (administration: Administration, by: Principal) => Promise<void>,
): Promise<void> {
  const { tenant } = z.object({ tenant: z.string() }).parse(given);
  await using(deps.openAdministration(configOf(given).config), async (administration) => {
    await work(administration, consolePrincipal(await requireTenant(administration, tenant)));
  });
}

function listing(keys: readonly ApiKey[], now: number): string {
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

function stateOf({ revokedAt, expiresAt }: ApiKey, now: number): string {
  if (revokedAt !== null) return 'revoked';
  if (expiresAt === null) return 'usable';
  return expiresAt <= now ? 'expired' : `until ${day(expiresAt)}`;
}

function day(at: number | null): string {
  return at === null ? 'never' : new Date(at).toISOString().slice(0, 10);
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
