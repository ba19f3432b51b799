import { open } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import type { Client } from '../client/client.ts';
import { importPrices, type PriceVersion } from '../contracts/prices.ts';
import { BASE_BOOKS } from '../core/price-books.ts';
import { type PriceRuleJson, ruleToJson } from '../core/price-rules.ts';
import { AppError } from '../lib/errors.ts';
import { formatMoney } from '../lib/money.ts';
import { PRICE_CSV_CHARS_MAX, readPriceCsv } from '../sources/opencost/price-csv.ts';
import type { CliDeps } from './deps.ts';
import { alignColumns } from './formats/align.ts';
import { printable } from './formats/table.ts';
import { clientOf, withServer } from './server-options.ts';

const Options = z.object({
  from: z.iso.datetime({ offset: true }).optional(),
  cluster: z.string().optional(),
  base: z.enum(BASE_BOOKS),
  note: z.string(),
  dryRun: z.boolean().default(false),
});
type Options = z.infer<typeof Options>;

/** `prices import`: a price book that OpenCost reads becomes a price version of a server. */
export function addPrices(program: Command, deps: CliDeps): void {
  const prices = program.command('prices').summary('bring in price books').description('Bring in price books.');
  withServer(prices.command('import <file>'))
    .summary('add a price version from a CSV')
    .description('Add a price version from a CSV as OpenCost reads it. Every line that cannot be taken is named.')
    .addOption(new Option('--from <instant>', 'whole hour from which it counts, such as 2026-01-01T00:00:00Z'))
    .option('--cluster <name>', 'only this cluster')
    .addOption(new Option('--base <book>', 'where other rates come from').choices([...BASE_BOOKS]).default('default'))
    .option('--note <text>', 'what it is', '')
    .option('--dry-run', 'show what would be added, and ask no server')
    .action(async (file: string, given: unknown, command: Command) => {
      const options = readOptions(given);
      const csv = await readText(file);
      if (options.dryRun) return deps.io.out(preview(csv));
      const client = clientOf(command);
      if (!client) throw new AppError('invalid_request', 'a server must be named: --server, or KUBETALLY_SERVER');
      deps.io.out(added(await send(client, csv, options)));
    });
}

function readOptions(given: unknown): Options {
  const options = Options.safeParse(given);
  if (options.success) return options.data;
  throw new AppError('invalid_request', `--from must be an instant such as 2026-01-01T00:00:00Z`);
}

async function send(client: Client, csv: string, { from, cluster, base, note }: Options): Promise<PriceVersion> {
  if (from === undefined) throw new AppError('invalid_request', 'it must be said from when on it counts: --from');
  const body = { csv, effective_from: from, cluster_name: cluster, base, note };
  return client.call(importPrices, { body });
}

/** Never more than a price book may have. */
async function readText(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    if (size > BYTES_MAX) throw new AppError('limit_exceeded', `${file} has ${size} bytes; at most ${BYTES_MAX}`);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

const BYTES_MAX = 4 * PRICE_CSV_CHARS_MAX;

function preview(csv: string): string {
  const { rules, storageClasses } = readPriceCsv(csv);
  const classes = Object.entries(storageClasses).map(([name, rate]): [string, string] => [name, formatMoney(rate)]);
  return listing(rules.map(ruleToJson), classes);
}

function added(version: PriceVersion): string {
  const counts = `${version.rule_count} rules, ${version.storage_class_count} storage classes`;
  return `price version ${version.price_version_id}: ${counts}, from ${version.effective_from}\n`;
}

function listing(rules: readonly PriceRuleJson[], classes: readonly [string, string][]): string {
  const ofNodes = rules.map(({ match, node_hour, gpu_hour }) => [
    printable(matchText(match)),
    node_hour === undefined ? `${gpu_hour} a GPU and hour` : `${node_hour} a node and hour`,
  ]);
  const ofVolumes = classes.map(([name, rate]) => [printable(`storage class ${name}`), `${rate} a GiB and hour`]);
  return alignColumns([['WHAT', 'PRICE'], ...ofNodes, ...ofVolumes]);
}

function matchText({ labels = {}, ...match }: PriceRuleJson['match']): string {
  const asked = [...Object.entries(match), ...Object.entries(labels)].filter(([, value]) => value !== undefined);
  return asked.map(([name, value]) => `${name}=${value}`).join(' ');
}
