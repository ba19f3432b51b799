import { type Command, Option } from 'commander';
import { z } from 'zod';
import { AllocationQuery, listAllocations } from '../contracts/allocations.ts';
import { AppError } from '../lib/errors.ts';
import type { CliDeps } from './deps.ts';
import { FORMATS } from './formats/format.ts';
import { wholeNumber } from './options.ts';
import { layoutAllocations } from './report/allocation-layout.ts';
import { refuseStrayOptions } from './report/stray-options.ts';
import { clientOf, withServer } from './server-options.ts';

const ROWS_STANDARD = 100;
const ROWS_MAX = 50_000;
const TOP_MAX = 500;

const Options = z.object({
  window: z.string(),
  zone: z.string(),
  aggregate: z.string(),
  filter: z.string(),
  step: z.string().optional(),
  accumulate: z.string().optional(),
  idle: AllocationQuery.shape.idle,
  costMetric: AllocationQuery.shape.costMetric,
  currency: z.string(),
  top: z.number().optional(),
  limit: z.number(),
  format: z.string(),
});

/** `report allocations`: who used what and what it cost, cut by any keys, asked of a server. */
export function addAllocationReport(report: Command, deps: CliDeps): void {
  withServer(report.command('allocations'))
    .summary('show who used what and what it cost, cut by any keys')
    .description('Show who used what and what it cost, cut by any keys: asked of a server (docs/allocation.md).')
    .option('-w, --window <window>', '7d, 24h, today, lastmonth, or two dates or instants with a comma', '7d')
    .option('--zone <zone>', 'time zone of days and months', 'UTC')
    .option('-a, --aggregate <keys>', 'namespace, controller, label:app, …, with commas; or all', 'namespace')
    .option('--filter <filter>', 'namespace:"a","b"+label[app]!:"x"', '')
    .option('--step <step>', 'rows for each 1h, 1d, 7d of the window')
    .option('--accumulate <unit>', 'rows for each hour, day, week, month or quarter of the calendar')
    .addOption(
      new Option('--idle <choice>', 'what nobody was charged for').choices(['keep', 'hide', 'share']).default('keep'),
    )
    .addOption(
      new Option('--cost-metric <metric>', 'what was spent, or what that is by the hour')
        .choices(['cumulative', 'hourly', 'daily', 'monthly'])
        .default('cumulative'),
    )
    .option('--currency <code>', 'ISO 4217, by the rates that the server was given', 'USD')
    .addOption(new Option('--top <rows>', 'the dearest, and the rest in one row').argParser(wholeNumber(1, TOP_MAX)))
    .addOption(
      new Option('-n, --limit <rows>', 'most rows of each step')
        .argParser(wholeNumber(1, ROWS_MAX))
        .default(ROWS_STANDARD),
    )
    .addOption(new Option('-f, --format <format>', 'output').choices(Object.keys(FORMATS)).default('table'))
    .action(async (given: unknown, command: Command) => {
      refuseStrayOptions(report, 'allocations');
      const { format: name, ...query } = Options.parse(given);
      const client = clientOf(command);
      if (!client) {
        throw new AppError('invalid_request', 'allocations are asked of a server: --server, or KUBETALLY_SERVER');
      }
      const format = FORMATS[name];
      if (!format) throw new AppError('invalid_request', 'there is no such format');
      const limit = Math.max(query.limit, query.top ?? 0);
      const answer = await client.call(listAllocations, { query: { ...query, limit } });
      deps.io.out(format(layoutAllocations(answer), { color: deps.io.color }));
    });
}
